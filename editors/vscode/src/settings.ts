// What the person set, and nothing else: a default that VS Code knows must not go before the person's own config.toml.

import * as vscode from 'vscode';

/** The extension's own, of which the agent knows nothing. */
export const AGENT_PATH = 'nextline.agentPath';

/** The settings by section and key, as `config.toml` has them. */
export function settings({ packageJSON: manifest }: vscode.Extension<unknown>): { [section: string]: any } {
    const configuration = vscode.workspace.getConfiguration();
    const all: { [section: string]: any } = {};
    const keys = Object.keys(manifest.contributes.configuration.properties).filter((key) => key !== AGENT_PATH);
    for (const key of keys) {
        const found = configuration.inspect(key);
        const value = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].reduce(over, undefined);
        if (value === undefined) continue;
        const [, section, name] = key.split('.');
        if (name) all[section] = { ...all[section], [name]: value };
        else all[section] = value;
    }
    return all;
}

/** A later layer: lists and tables add to the earlier ones, so that a workspace takes no exclusion back. */
function over(before: unknown, after: unknown): unknown {
    if (after === undefined) return before;
    if (Array.isArray(before) && Array.isArray(after)) return [...before, ...after];
    const table = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
    return table(before) && table(after) ? { ...before, ...after } : after;
}

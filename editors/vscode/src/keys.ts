// Keys of routes in VS Code's SecretStorage. The agent gets them as variables of its process; a route names its own by `api_key_env`.

import * as vscode from 'vscode';
import type { Agent } from './agent';
import { Client } from './protocol';

/** The list of the variables' names; the keys themselves are under them. */
const NAMES = 'nextline.keys';
const VARIABLE = new RegExp(`^${Client.KeyName}$`);

export class Keys {
    constructor(private readonly secrets: vscode.SecretStorage) {}

    private async names(): Promise<string[]> {
        return JSON.parse((await this.secrets.get(NAMES)) ?? '[]');
    }

    /** The variables for the agent's process. */
    async environment(): Promise<{ [name: string]: string }> {
        const found: { [name: string]: string } = {};
        for (const name of await this.names()) {
            const key = await this.secrets.get(`${NAMES}.${name}`);
            if (key) found[name] = key;
        }
        return found;
    }

    async store(agent: Agent): Promise<void> {
        const name = await vscode.window.showInputBox({
            title: 'Nextline: store a key',
            prompt: "The variable that the route reads: its api_key_env, or its vendor's usual one",
            placeHolder: 'ANTHROPIC_API_KEY',
            validateInput: (text) => (VARIABLE.test(text) ? null : 'Capitals, digits and _, with KEY or TOKEN in the name'),
        });
        if (!name) return;
        const key = await vscode.window.showInputBox({ title: `Nextline: ${name}`, password: true, ignoreFocusOut: true });
        if (!key) return;
        await this.secrets.store(`${NAMES}.${name}`, key);
        await this.secrets.store(NAMES, JSON.stringify([...new Set([...(await this.names()), name])]));
        await agent.restart();
    }

    async forget(agent: Agent): Promise<void> {
        const names = await this.names();
        const name = await vscode.window.showQuickPick(names, { title: 'Nextline: forget a key' });
        if (!name) return;
        await this.secrets.delete(`${NAMES}.${name}`);
        await this.secrets.store(NAMES, JSON.stringify(names.filter((other) => other !== name)));
        await agent.restart();
    }
}

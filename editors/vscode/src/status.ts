// The status bar's item: how the agent does, why it is silent, and a menu of what can be done about it.

import * as vscode from 'vscode';
import type { Agent } from './agent';
import type { Keys } from './keys';
import { Client, Commands, Config, Methods, Status, StatusKind, WhyResult } from './protocol';

const ICONS = {
    [StatusKind.Normal]: '$(sparkle)',
    [StatusKind.Warning]: '$(warning)',
    [StatusKind.Error]: '$(error)',
    [StatusKind.Inactive]: '$(circle-slash)',
};

export class StatusLine implements vscode.Disposable {
    private readonly item = vscode.window.createStatusBarItem('nextline.status', vscode.StatusBarAlignment.Right, 100);
    private readonly heard: vscode.Disposable[];
    private status: Status | undefined;

    constructor(
        private readonly agent: Agent,
        private readonly keys: Keys,
    ) {
        this.item.name = 'Nextline';
        this.item.command = 'nextline.vscode.menu';
        this.heard = [
            agent.onStatus((status) => {
                this.status = status;
                this.show();
            }),
        ];
        this.show();
        this.item.show();
    }

    dispose(): void {
        this.item.dispose();
        vscode.Disposable.from(...this.heard).dispose();
    }

    private show(): void {
        const { status, agent } = this;
        if (!status) {
            this.item.text = agent.trouble ? '$(error) Nextline' : '$(loading~spin) Nextline';
            this.item.tooltip = agent.trouble || 'Nextline starts';
            return;
        }
        const busy = status.busy ? '$(loading~spin)' : ICONS[status.kind];
        this.item.text = `${busy} ${status.route === Client.Local ? 'Nextline' : status.route}`;
        this.item.backgroundColor = status.kind === StatusKind.Error ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
        const learnt = status.local.enabled ? `${status.local.files} files learnt` : '';
        const lines = [status.message, `Completions: ${status.route}`, learnt, status.budget ?? ''];
        this.item.tooltip = lines.filter(Boolean).join('\n');
    }

    /** Why the last answer for the document in front was empty. */
    private async reason(): Promise<WhyResult | undefined> {
        const editor = vscode.window.activeTextEditor;
        if (!editor) return undefined;
        const uri = editor.document.uri.toString();
        return this.agent.request(Methods.Why, { textDocument: { uri } }).catch(() => undefined);
    }

    async why(): Promise<void> {
        const why = await this.reason();
        const said = this.agent.trouble || (why ? [why.reason, why.detail].filter(Boolean).join(': ') : 'no document is in front');
        await vscode.window.showInformationMessage(`Nextline: ${said}`);
    }

    async menu(): Promise<void> {
        const why = await this.reason();
        const snoozed = this.status?.snoozedUntil;
        const rows: (vscode.QuickPickItem & { run: () => unknown })[] = [];
        const row = (label: string, detail: string, run: () => unknown) => rows.push({ label, detail, run });
        const said = this.agent.trouble || this.status?.message || '';
        row('$(question) Why nothing?', [...new Set([said, why?.detail])].filter(Boolean).join(' · '), () => this.why());
        row('$(arrow-swap) Switch the Route', `completions come from ${this.status?.route ?? 'nobody'}`, () => this.route());
        if (snoozed) row('$(bell) End the Snooze', `silent until ${new Date(snoozed).toLocaleTimeString()}`, () => this.agent.execute(Commands.Snooze, 0));
        else row('$(bell-slash) Snooze', 'no ghost text for a while', () => this.snooze());
        row('$(comment-discussion) Chat', '', () => vscode.commands.executeCommand('nextline.vscode.chat'));
        row('$(key) Store a Key', "in VS Code's own secret storage", () => this.keys.store(this.agent));
        row('$(gear) Settings', '', () => vscode.commands.executeCommand('nextline.vscode.settings'));
        row('$(output) Open Log', '', () => this.agent.log.show());
        row('$(debug-restart) Restart the Agent', this.agent.version && `version ${this.agent.version}`, () => this.agent.restart());
        const budget = this.status?.budget;
        const chosen = await vscode.window.showQuickPick(rows, { title: 'Nextline', placeHolder: budget ?? undefined });
        await chosen?.run();
    }

    async snooze(): Promise<void> {
        const minutes = [5, 15, 60, 240].map((minutes) => ({ label: minutes < 60 ? `${minutes} minutes` : `${minutes / 60} hours`.replace('1 hours', '1 hour'), minutes }));
        const chosen = await vscode.window.showQuickPick(minutes, { title: 'Nextline: no ghost text for' });
        if (chosen) await this.agent.execute(Commands.Snooze, chosen.minutes);
    }

    async route(): Promise<void> {
        const { models } = await this.agent.request(Methods.ModelList, null);
        const local = { label: Client.Local, description: 'the embedded model', detail: '' };
        const rows = models.map((model) => ({ label: model.route, description: [model.provider, model.model].filter(Boolean).join(', '), detail: model.trouble ?? '' }));
        const chosen = await vscode.window.showQuickPick([local, ...rows], { title: 'Nextline: completions from' });
        if (chosen) await vscode.workspace.getConfiguration(Client.Section).update(Config.CompletionRoute, chosen.label, vscode.ConfigurationTarget.Global);
    }
}

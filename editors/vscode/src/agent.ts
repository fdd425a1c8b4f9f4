// The agent's process: found, started, started again when it ends, and what it says passed on.

import * as fs from 'fs';
import * as path from 'path';
import * as vscode from 'vscode';
import type { LanguageClient, LanguageClientOptions, Middleware, StaticFeature } from 'vscode-languageclient/node';
import { Keys } from './keys';
import { ChatEvent, Client, Commands, EditEvent, EditStartParams, Lsp, Methods, Requests, Status, Verbs, VersionAnswer, Versions } from './protocol';
import { AGENT_PATH, settings } from './settings';

/** Waits before the process is started again, in ms; a process that lived for `HEALTHY` begins anew. */
const WAITS = [0, 1000, 2000, 5000, 10000, 30000];
const HEALTHY = 60000;

/** The library for LSP: most of what this extension loads, so it is a file of its own that is loaded once everything else is there. */
type Library = typeof import('./library');

export class Agent implements vscode.Disposable {
    private client: LanguageClient | undefined;
    private library: Library | undefined;
    private failures = 0;
    private since = 0;
    private readonly statuses = new vscode.EventEmitter<Status | undefined>();
    private readonly editEvents = new vscode.EventEmitter<EditEvent>();
    private readonly chatEvents = new vscode.EventEmitter<ChatEvent>();
    private readonly starts = new vscode.EventEmitter<void>();
    private readonly changes: vscode.Disposable;
    /** How it does; `undefined` while it does not run. */
    readonly onStatus = this.statuses.event;
    readonly onEdit = this.editEvents.event;
    readonly onChat = this.chatEvents.event;
    /** It runs, perhaps anew. */
    readonly onStart = this.starts.event;
    /** Does the agent's own commands in VS Code's way; true if it did. */
    runs: ((command: string, given: any[]) => boolean) | undefined;
    /** Why it does not run, in one sentence. */
    trouble = '';
    version = '';

    constructor(
        private readonly context: vscode.ExtensionContext,
        readonly log: vscode.LogOutputChannel,
        private readonly keys: Keys,
    ) {
        this.changes = vscode.workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration(AGENT_PATH)) void this.restart();
            else if (event.affectsConfiguration(Client.Section)) void this.client?.sendNotification(Lsp.DidChangeConfiguration, { settings: { [Client.Section]: this.settings() } });
        });
    }

    dispose(): void {
        this.changes.dispose();
        this.statuses.dispose();
    }

    get running(): boolean {
        return this.library !== undefined && this.client?.state === this.library.State.Running;
    }

    async start(): Promise<void> {
        const command = this.binary();
        if (!command) {
            this.trouble = 'there is no agent beside this extension: install the extension for your platform, or set ' + AGENT_PATH;
            this.statuses.fire(undefined);
            const chosen = await vscode.window.showErrorMessage(`Nextline: ${this.trouble}`, 'Settings');
            if (chosen) await vscode.commands.executeCommand('workbench.action.openSettings', AGENT_PATH);
            return;
        }
        const env = { ...process.env, ...(await this.keys.environment()) };
        try {
            const library = (this.library ??= await import('./library'));
            const run = { command, args: ['lsp'], options: { env } };
            const client = new library.LanguageClient(Client.Section, 'Nextline', run, this.options(library));
            client.registerFeature(this.handshake());
            client.onNotification(Methods.Status, (status: Status) => this.statuses.fire(status));
            client.onNotification(Methods.EditEvent, (event: EditEvent) => this.editEvents.fire(event));
            client.onNotification(Methods.ChatEvent, (event: ChatEvent) => this.chatEvents.fire(event));
            client.onDidChangeState(({ newState }) => {
                if (newState === library.State.Running) this.started();
                else if (newState === library.State.Stopped) this.statuses.fire(undefined);
            });
            this.client = client;
            await client.start();
        } catch (error) {
            this.trouble = `the agent did not start: ${error instanceof Error ? error.message : error}`;
            this.log.error(this.trouble);
            this.statuses.fire(undefined);
        }
    }

    async stop(): Promise<void> {
        const client = this.client;
        this.client = undefined;
        // One that does not run cannot be asked to end.
        await client?.stop().catch(() => undefined);
    }

    async restart(): Promise<void> {
        this.failures = 0;
        await this.stop();
        await this.start();
    }

    /** Asks the agent; its faults are sentences for people. */
    request<M extends keyof Requests & string>(method: M, params: Requests[M][0], token?: vscode.CancellationToken): Promise<Requests[M][1]> {
        if (!this.client || !this.running) return Promise.reject(new Error(this.trouble || 'the agent does not run'));
        // Without a token there must be no third argument: it would be sent.
        return token ? this.client.sendRequest(method, params ?? {}, token) : this.client.sendRequest(method, params ?? {});
    }

    /** Tells the agent. */
    notify(method: string, params: object): void {
        if (this.running) void this.client?.sendNotification(method, params);
    }

    execute(command: string, ...given: unknown[]): Promise<unknown> {
        if (!this.client || !this.running) return Promise.reject(new Error(this.trouble || 'the agent does not run'));
        return this.client.sendRequest(Lsp.ExecuteCommand, { command, arguments: given });
    }

    private settings(): object {
        return settings(this.context.extension);
    }

    private started(): void {
        this.since = Date.now();
        this.trouble = '';
        this.version = this.client?.initializeResult?.serverInfo?.version ?? '';
        this.starts.fire();
        void this.request(Methods.Status, null).then((status) => this.statuses.fire(status), () => undefined);
    }

    /** The binary: the setting, the one in this package, the one on the path. */
    private binary(): string | undefined {
        const given = vscode.workspace.getConfiguration().get<string>(AGENT_PATH);
        if (given) return given;
        const name = process.platform === 'win32' ? 'nextline.exe' : 'nextline';
        const folders = [path.join(this.context.extensionPath, 'bin'), ...(process.env.PATH ?? '').split(path.delimiter)];
        return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
    }

    private options(library: Library): LanguageClientOptions {
        return {
            documentSelector: [{ scheme: 'file' }, { scheme: 'untitled' }],
            outputChannel: this.log,
            revealOutputChannelOn: library.RevealOutputChannelOn.Never,
            initializationOptions: () => this.settings(),
            middleware: this.middleware(),
            errorHandler: {
                error: () => ({ action: library.ErrorAction.Continue, handled: true }),
                closed: () => this.closed(library),
            },
        };
    }

    private middleware(): Middleware {
        return {
            workspace: {
                configuration: (params) => params.items.map((item) => (item.section === Client.Section ? this.settings() : null)),
            },
            executeCommand: (command, given, next) => (this.runs?.(command, given) ? undefined : next(command, given)),
        };
    }

    /** The process ended: it is started again, later and later, and the person hears of it once it seems to be in vain. */
    private async closed({ CloseAction }: Library) {
        if (Date.now() - this.since > HEALTHY) this.failures = 0;
        const wait = WAITS[Math.min(this.failures, WAITS.length - 1)];
        this.failures += 1;
        this.trouble = wait ? `the agent ended; it is started again in ${wait / 1000} s` : 'the agent ended; it is started again';
        this.log.warn(this.trouble);
        this.statuses.fire(undefined);
        if (this.failures === WAITS.length) void this.complain();
        const client = this.client;
        await new Promise((done) => setTimeout(done, wait));
        const wanted = client !== undefined && client === this.client;
        return { action: wanted ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
    }

    private async complain(): Promise<void> {
        const chosen = await vscode.window.showErrorMessage(`Nextline: the agent ended ${this.failures} times in a row. What it said last is in the log.`, 'Open Log', 'Start Again');
        if (chosen === 'Open Log') this.log.show();
        else if (chosen) await this.restart();
    }

    /** Both ends say which versions they speak. */
    private handshake(): StaticFeature {
        return {
            fillClientCapabilities: (capabilities) => {
                capabilities.experimental = { ...capabilities.experimental, [Client.Section]: { oldest: Versions.Oldest, newest: Versions.Newest } };
            },
            initialize: (capabilities) => {
                const answer = capabilities.experimental?.[Client.Section] as VersionAnswer | undefined;
                const message = answer ? answer.message : 'the agent is older than this extension: update the agent';
                if (message) void vscode.window.showErrorMessage(`Nextline: ${message}`);
            },
            getState: () => ({ kind: 'static' }),
            clear: () => undefined,
        };
    }
}

/** The agent's edit commands, which code actions carry, as what they start. */
export function commanded(command: string, given: any[]): EditStartParams | undefined {
    const verbs: { [command: string]: string } = { [Commands.Edit]: Verbs.Edit, [Commands.Doc]: Verbs.Doc, [Commands.Test]: Verbs.Test, [Commands.Fix]: Verbs.Fix };
    const verb = verbs[command];
    if (!verb) return undefined;
    const [uri, range, more] = given;
    return {
        textDocument: { uri },
        range,
        verb,
        instruction: typeof more === 'string' ? more : '',
        diagnostics: Array.isArray(more) ? more : [],
    };
}

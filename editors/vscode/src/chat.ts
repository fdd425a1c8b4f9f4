// The chat: the same page as the browser's, in a view of VS Code. The page speaks JSON-RPC; this passes it on to the agent's process and adds
// what only the editor knows: the document in front, its selection and its diagnostics.

import * as path from 'path';
import * as vscode from 'vscode';
import type { Agent } from './agent';
import { complaints } from './places';
import { Client, ChatPlace, ChatSendParams, EditApplyParams, EditStartParams, Lsp, Methods, Requests } from './protocol';

const VIEW = 'nextline.chat';

interface Message {
    id?: number;
    method: string;
    params: any;
}

export class ChatView implements vscode.Disposable, vscode.WebviewViewProvider {
    private view: vscode.WebviewView | undefined;
    private readonly asked = new Map<number, vscode.CancellationTokenSource>();
    private readonly given: vscode.Disposable;
    /** What waits for the page to be there. */
    private question: string | undefined;
    /** The document that was in front last: the chat takes the focus away from it. */
    private document: vscode.TextEditor | undefined;

    constructor(
        private readonly context: vscode.ExtensionContext,
        private readonly agent: Agent,
    ) {
        const look = (editor: vscode.TextEditor | undefined) => {
            if (editor?.document.uri.scheme === 'file' || editor?.document.uri.scheme === 'untitled') this.document = editor;
        };
        look(vscode.window.activeTextEditor);
        this.given = vscode.Disposable.from(
            vscode.window.registerWebviewViewProvider(VIEW, this, { webviewOptions: { retainContextWhenHidden: true } }),
            vscode.window.onDidChangeActiveTextEditor(look),
            agent.onChat((params) => this.post({ jsonrpc: '2.0', method: Methods.ChatEvent, params })),
            agent.onEdit((params) => this.post({ jsonrpc: '2.0', method: Methods.EditEvent, params })),
            agent.onStatus((params) => (params ? this.post({ jsonrpc: '2.0', method: Methods.Status, params }) : this.post({ closed: agent.trouble }))),
            agent.onStart(() => this.post({ opened: true })),
        );
    }

    dispose(): void {
        this.given.dispose();
    }

    async focus(): Promise<void> {
        await vscode.commands.executeCommand(`${VIEW}.focus`);
    }

    /** Asks about the selection, or about what is around the cursor. */
    async explain(): Promise<void> {
        const editor = vscode.window.activeTextEditor;
        if (!editor) return;
        const { start, end } = editor.selection;
        const name = vscode.workspace.asRelativePath(editor.document.uri, false);
        const lines = start.isEqual(end) ? `${start.line + 1}` : `${start.line + 1}-${end.line + 1}`;
        this.question = `Explain @${name}:${lines}`;
        await this.focus();
        this.say();
    }

    resolveWebviewView(view: vscode.WebviewView): void {
        this.view = view;
        view.onDidDispose(() => (this.view = undefined));
        const folder = vscode.Uri.joinPath(this.context.extensionUri, 'dist');
        view.webview.options = { enableScripts: true, localResourceRoots: [folder] };
        view.webview.onDidReceiveMessage((message) => this.received(message));
        view.webview.html = html(view.webview, folder);
    }

    private post(message: unknown): void {
        void this.view?.webview.postMessage(message);
    }

    private say(): void {
        if (this.question && this.view) this.post({ say: this.question });
    }

    private async received(message: Message & { ready?: boolean; said?: boolean }): Promise<void> {
        if (message.ready) {
            if (this.agent.running) this.post({ opened: true });
            this.say();
        } else if (message.said) {
            this.question = undefined;
        } else if (message.method === Lsp.CancelRequest) {
            this.asked.get(message.params.id)?.cancel();
        } else if (message.id !== undefined) {
            const { id } = message;
            const source = new vscode.CancellationTokenSource();
            this.asked.set(id, source);
            try {
                this.post({ jsonrpc: '2.0', id, result: (await this.answer(message, source.token)) ?? null });
            } catch (error: any) {
                this.post({ jsonrpc: '2.0', id, error: { code: error.code ?? 0, message: error.message, data: error.data } });
            }
            this.asked.delete(id);
        }
    }

    private async answer({ method, params }: Message, token: vscode.CancellationToken): Promise<unknown> {
        if (method === Lsp.Initialize) return {};
        if (method === Methods.ChatSend) {
            const send: ChatSendParams = { ...params, place: this.place() };
            return this.agent.request(Methods.ChatSend, send, token);
        }
        if (method === Methods.EditApply || method === Methods.EditStart) {
            // A person names files by their paths.
            const named: EditApplyParams | EditStartParams = params;
            const uri = await this.file(named.textDocument.uri);
            await vscode.workspace.openTextDocument(uri);
            return this.agent.request(method as typeof Methods.EditStart, { ...params, textDocument: { uri: uri.toString() } }, token);
        }
        if (!method.startsWith(Client.Ours)) throw new Error(`the page may not ask for ${method}`);
        return this.agent.request(method as keyof Requests & string, params, token);
    }

    private place(): ChatPlace {
        const editor = this.document;
        if (!editor) return {};
        const { document, selection } = editor;
        return {
            textDocument: { uri: document.uri.toString() },
            selection: selection.isEmpty ? undefined : selection,
            diagnostics: complaints(document),
        };
    }

    private async file(name: string): Promise<vscode.Uri> {
        const folders = vscode.workspace.workspaceFolders ?? [];
        const places = path.isAbsolute(name) ? [vscode.Uri.file(name)] : folders.map((folder) => vscode.Uri.joinPath(folder.uri, name));
        for (const place of places) {
            if (await vscode.workspace.fs.stat(place).then(() => true, () => false)) return place;
        }
        throw new Error(`there is no file ${name} in this workspace`);
    }
}

function html(webview: vscode.Webview, folder: vscode.Uri): string {
    const of = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, name));
    const policy = `default-src 'none'; script-src ${webview.cspSource}; style-src ${webview.cspSource}; require-trusted-types-for 'script'; trusted-types 'none'`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${of('page.css')}">
<title>Nextline</title>
</head>
<body><div id="nextline"></div><script src="${of('page.js')}"></script></body>
</html>`;
}

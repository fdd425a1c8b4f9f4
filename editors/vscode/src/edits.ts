// Edits: an instruction, the diff of what it would change, and the person's yes or no. What is made of it is the agent's.

import * as path from 'path';
import * as vscode from 'vscode';
import { Agent, commanded } from './agent';
import { complaints, range } from './places';
import { Commands, EditEvent, EditEventKind, EditHunk, EditPreview, EditStartParams, Methods, Verbs } from './protocol';

/** The scheme of a preview's text. */
const SCHEME = 'nextline-edit';
/** `when` of the buttons in a preview's title bar: the editor in front is one. */
const READY = 'nextline.edits';

interface Edit {
    id: string;
    title: string;
    preview?: EditPreview;
    /** Ends the progress. */
    done: () => void;
}

export class Edits implements vscode.Disposable, vscode.TextDocumentContentProvider, vscode.CodeLensProvider {
    private readonly edits = new Map<string, Edit>();
    /** Events that came before the answer that names their edit. */
    private readonly early = new Map<string, EditEvent[]>();
    private readonly texts = new vscode.EventEmitter<vscode.Uri>();
    private readonly lenses = new vscode.EventEmitter<void>();
    private readonly shown = new Map<string, string>();
    private readonly given: vscode.Disposable;
    readonly onDidChange = this.texts.event;
    readonly onDidChangeCodeLenses = this.lenses.event;

    constructor(private readonly agent: Agent) {
        agent.runs = (command, given) => this.runs(command, given);
        this.given = vscode.Disposable.from(
            vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
            vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this),
            agent.onEdit((event) => this.heard(event)),
            // A new process knows nothing of the old one's edits.
            agent.onStart(() => [...this.edits.keys()].forEach((id) => this.forget(id))),
        );
    }

    dispose(): void {
        this.given.dispose();
    }

    provideTextDocumentContent(uri: vscode.Uri): string {
        return this.shown.get(uri.toString()) ?? '';
    }

    /** One row of buttons above each hunk, for as long as the text is the one that it was made for. */
    provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
        const found: vscode.CodeLens[] = [];
        for (const { id, preview } of this.ready()) {
            if (preview.textDocument.uri !== document.uri.toString()) continue;
            preview.hunks.forEach((hunk, index) => {
                const at = range(hunk.range);
                const lens = (title: string, command: string, ...given: unknown[]) =>
                    found.push(new vscode.CodeLens(at, { title, command: `nextline.vscode.${command}`, arguments: [id, ...given] }));
                lens('$(check) Accept', 'acceptEdit');
                lens('$(close) Reject', 'rejectEdit');
                if (preview.hunks.length > 1) lens('Accept only this', 'acceptEdit', index);
                lens('Ask again …', 'retryEdit');
                lens('Show the difference', 'showEdit');
            });
        }
        return found;
    }

    /** Asks what to do with the selection, or with what is around the cursor. */
    async ask(): Promise<void> {
        if (!vscode.window.activeTextEditor) return;
        const instruction = await vscode.window.showInputBox({
            title: 'Nextline: edit',
            prompt: vscode.window.activeTextEditor.selection.isEmpty ? 'What to do with what is around the cursor' : 'What to do with the selection',
            placeHolder: 'return a Result',
            ignoreFocusOut: true,
        });
        if (instruction) await this.here(Verbs.Edit, instruction);
    }

    /** Starts an edit at the cursor. */
    async here(verb: string, instruction = ''): Promise<void> {
        const editor = vscode.window.activeTextEditor;
        if (!editor) return;
        const { document, selection } = editor;
        await this.start({
            textDocument: { uri: document.uri.toString() },
            range: selection,
            verb,
            instruction,
            diagnostics: complaints(document, selection),
        });
    }

    start(params: EditStartParams): Promise<void> {
        const title = params.instruction || (params.verb ?? Verbs.Edit);
        return this.begin(title, (token) => this.agent.request(Methods.EditStart, params, token));
    }

    async accept(id = this.front(), hunk?: number): Promise<void> {
        const edit = id && this.edits.get(id);
        if (!edit) return;
        const hunks = hunk === undefined ? undefined : [hunk];
        await this.told(async () => {
            const { applied, reason } = await this.agent.request(Methods.EditAccept, { id: edit.id, hunks });
            if (!applied) throw new Error(reason ?? 'the edit was not applied');
        });
    }

    async reject(id = this.front()): Promise<void> {
        if (id) await this.told(() => this.agent.request(Methods.EditReject, { id }));
    }

    async retry(id = this.front()): Promise<void> {
        const edit = id && this.edits.get(id);
        if (!edit) return;
        const instruction = await vscode.window.showInputBox({ title: 'Nextline: ask again', value: edit.title, ignoreFocusOut: true });
        if (instruction === undefined) return;
        this.forget(edit.id);
        await this.begin(instruction, (token) => this.agent.request(Methods.EditRetry, { id: edit.id, instruction }, token));
    }

    /** The last applied edit is taken back, what was typed since stays. */
    async undo(): Promise<void> {
        await this.told(() => this.agent.execute(Commands.UndoEdit));
    }

    async show(id = this.front()): Promise<void> {
        const edit = id && this.edits.get(id);
        if (!edit || !edit.preview) return;
        const uri = vscode.Uri.parse(edit.preview.textDocument.uri);
        const document = await vscode.workspace.openTextDocument(uri).then((found) => found, () => undefined);
        const name = path.basename(uri.path);
        const after = preview(edit.id, name);
        this.shown.set(after.toString(), patched(document?.getText() ?? '', edit.preview.hunks));
        this.texts.fire(after);
        const before = document ? uri : after.with({ query: 'before' });
        await vscode.commands.executeCommand('vscode.diff', before, after, `${name}: ${edit.title}`, { preview: true });
    }

    private async begin(title: string, ask: (token: vscode.CancellationToken) => Promise<{ id: string }>): Promise<void> {
        const options = { location: vscode.ProgressLocation.Notification, title: `Nextline: ${title}`, cancellable: true };
        await vscode.window.withProgress(options, (_, token) =>
            this.told(async () => {
                const { id } = await ask(token);
                token.onCancellationRequested(() => void this.agent.request(Methods.EditCancel, { id }).catch(() => undefined));
                await new Promise<void>((done) => {
                    this.edits.set(id, { id, title, done });
                    for (const event of this.early.get(id) ?? []) this.heard(event);
                    this.early.delete(id);
                });
            }),
        );
    }

    private heard(event: EditEvent): void {
        const edit = this.edits.get(event.id);
        if (!edit) {
            // One of the chat view's, or one whose name is still on its way.
            this.early.set(event.id, [...(this.early.get(event.id) ?? []).slice(-8), event]);
            if (this.early.size > 32) this.early.delete([...this.early.keys()][0]);
            return;
        }
        if (event.kind === EditEventKind.Progress || event.kind === EditEventKind.Context || event.kind === EditEventKind.Again) return;
        edit.done();
        if (event.kind === EditEventKind.Ready) {
            edit.preview = event.preview;
            if (event.preview.newErrors) void vscode.window.showWarningMessage(`Nextline: the edit would bring ${event.preview.newErrors} more syntax errors.`);
            this.changed();
            void this.show(edit.id);
        } else {
            this.forget(edit.id);
            if (event.kind === EditEventKind.Failed) void vscode.window.showErrorMessage(`Nextline: ${event.message}`);
        }
    }

    private forget(id: string): void {
        const edit = this.edits.get(id);
        this.edits.delete(id);
        edit?.done();
        this.changed();
        if (!edit?.preview) return;
        const uri = preview(id, path.basename(vscode.Uri.parse(edit.preview.textDocument.uri).path));
        this.shown.delete(uri.toString());
        for (const tab of vscode.window.tabGroups.all.flatMap((group) => group.tabs)) {
            if (tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === uri.toString()) void vscode.window.tabGroups.close(tab);
        }
    }

    private changed(): void {
        this.lenses.fire();
        void vscode.commands.executeCommand('setContext', READY, this.ready().length > 0);
    }

    private ready(): (Edit & { preview: EditPreview })[] {
        return [...this.edits.values()].filter((edit): edit is Edit & { preview: EditPreview } => edit.preview !== undefined);
    }

    /** The edit that the person looks at: that of the preview in front, else the newest. */
    private front(): string | undefined {
        const uri = vscode.window.activeTextEditor?.document.uri;
        return uri?.scheme === SCHEME ? uri.authority : this.ready().at(-1)?.id;
    }

    /** The agent's commands from code actions, with a preview. */
    private runs(command: string, given: any[]): boolean {
        if (command === Commands.Explain) {
            void vscode.commands.executeCommand('nextline.vscode.explain');
            return true;
        }
        const params = commanded(command, given);
        if (params) void this.start(params);
        return params !== undefined;
    }

    /** What went wrong is said; nothing is thrown. */
    private async told(act: () => Promise<unknown>): Promise<void> {
        try {
            await act();
        } catch (error) {
            void vscode.window.showErrorMessage(`Nextline: ${error instanceof Error ? error.message : error}`);
        }
    }
}

function preview(id: string, name: string): vscode.Uri {
    return vscode.Uri.from({ scheme: SCHEME, authority: id, path: `/${name}` });
}

/** The text with the hunks in it; they are of whole lines and in the text's order. */
function patched(text: string, hunks: EditHunk[]): string {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    const offset = (line: number, character: number) => Math.min((starts[line] ?? text.length) + character, text.length);
    return hunks.reduceRight((text, { range: { start, end }, newText }) => {
        return text.slice(0, offset(start.line, start.character)) + newText + text.slice(offset(end.line, end.character));
    }, text);
}

// The next edit: asked for in a pause of typing, shown where it belongs, jumped to and then taken by one key. Where there is none, nothing is shown.

import * as vscode from 'vscode';
import type { Agent } from './agent';
import { complaints, range } from './places';
import { Commands, EditSuggestParams, Lsp, Methods, SuggestedEdit } from './protocol';

/** Without a key, in ms. */
const PAUSE = 500;
/** `when` of the keys: an edit is on the screen. */
const SHOWN = 'nextline.nextEdit';

export class NextEdits implements vscode.Disposable {
    private readonly gone = vscode.window.createTextEditorDecorationType({
        backgroundColor: new vscode.ThemeColor('diffEditor.removedTextBackground'),
        textDecoration: 'line-through',
    });
    private readonly fresh = vscode.window.createTextEditorDecorationType({});
    private readonly hint = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
    private readonly heard: vscode.Disposable[];
    private shown: { editor: vscode.TextEditor; edit: SuggestedEdit } | undefined;
    private pause: NodeJS.Timeout | undefined;
    private asked: vscode.CancellationTokenSource | undefined;

    constructor(private readonly agent: Agent) {
        this.heard = [
            vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
                if (!contentChanges.length || document !== vscode.window.activeTextEditor?.document) return;
                this.clear();
                this.pause = setTimeout(() => void this.ask(), PAUSE);
            }),
            vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
                if (textEditor === this.shown?.editor) this.draw();
            }),
            vscode.window.onDidChangeActiveTextEditor(() => this.clear()),
            agent.onStatus((status) => status || this.clear()),
        ];
    }

    dispose(): void {
        this.clear();
        vscode.Disposable.from(...this.heard, this.gone, this.fresh, this.hint).dispose();
    }

    /** Jumps to the edit that is shown; takes it where the cursor is on its line; asks for one where none is shown. */
    async go(): Promise<void> {
        if (!this.shown) return this.ask(true);
        const { editor, edit } = this.shown;
        const at = range(edit.range);
        if (editor.selection.active.line !== at.start.line) {
            editor.selection = new vscode.Selection(at.start, at.start);
            editor.revealRange(at, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
            return;
        }
        this.clear();
        if (!(await editor.edit((change) => change.replace(at, edit.text)))) return;
        const lines = edit.text.split('\n');
        const column = lines[lines.length - 1].length + (lines.length === 1 ? at.start.character : 0);
        const end = new vscode.Position(at.start.line + lines.length - 1, column);
        editor.selection = new vscode.Selection(end, end);
        await this.agent.execute(edit.command.command, ...edit.command.arguments).catch(() => undefined);
        await this.ask();
    }

    /** The person does not want the one that is shown: it is not shown again. */
    async dismiss(): Promise<void> {
        const { edit } = this.shown ?? {};
        this.clear();
        if (edit) await this.agent.execute(Commands.DidDismiss, edit.id).catch(() => undefined);
    }

    private async ask(invoked = false): Promise<void> {
        this.clear();
        const editor = vscode.window.activeTextEditor;
        if (!editor || !this.agent.running || !['file', 'untitled'].includes(editor.document.uri.scheme)) return;
        const { document, selection, selections } = editor;
        if (selections.length > 1) return;
        const params: EditSuggestParams = {
            textDocument: { uri: document.uri.toString() },
            position: selection.active,
            diagnostics: complaints(document),
            invoked,
        };
        const { version } = document;
        const asked = (this.asked = new vscode.CancellationTokenSource());
        const result = await this.agent.request(Methods.EditSuggest, params, asked.token).catch(() => undefined);
        if (asked !== this.asked || document.version !== version) return;
        const edit = result?.edits[0];
        if (edit) this.show(editor, edit);
        else if (invoked && result) void vscode.window.showInformationMessage(`Nextline: ${result.detail}`);
    }

    private show(editor: vscode.TextEditor, edit: SuggestedEdit): void {
        this.shown = { editor, edit };
        void vscode.commands.executeCommand('setContext', SHOWN, true);
        this.draw();
        this.agent.notify(Lsp.DidShowInlineEdit, { item: { command: { arguments: [edit.id] } } });
    }

    /** What goes is struck out, what comes stands behind it; a hint at the cursor says where, if that is another line. */
    private draw(): void {
        if (!this.shown) return;
        const { editor, edit } = this.shown;
        const at = range(edit.range);
        const whole = new vscode.MarkdownString('Nextline: the next edit').appendCodeblock(edit.text, editor.document.languageId);
        const after = (contentText: string, colour: string, background?: string) => ({
            after: { contentText, color: new vscode.ThemeColor(colour), backgroundColor: background && new vscode.ThemeColor(background) },
        });
        // Blanks at the edges would fall together, and a decoration has one line.
        const visible = (text: string) => text.replace(/\t/g, '    ').replace(/ /g, '\u00a0').replace(/\n/g, '⏎');
        editor.setDecorations(this.gone, at.isEmpty ? [] : [{ range: at, hoverMessage: whole }]);
        const comes = after(visible(edit.text), 'editorGhostText.foreground', 'diffEditor.insertedTextBackground');
        editor.setDecorations(this.fresh, edit.text ? [{ range: new vscode.Range(at.end, at.end), hoverMessage: whole, renderOptions: comes }] : []);
        const { line } = editor.selection.active;
        const end = editor.document.lineAt(line).range.end;
        const where = `\u00a0\u00a0${line < at.start.line ? '↓' : '↑'}\u00a0line\u00a0${at.start.line + 1}:\u00a0Tab`;
        const hints = line === at.start.line ? [] : [{ range: new vscode.Range(end, end), renderOptions: after(where, 'editorGhostText.foreground') }];
        editor.setDecorations(this.hint, hints);
    }

    /** Nothing is asked for and nothing shown. */
    private clear(): void {
        clearTimeout(this.pause);
        this.asked?.cancel();
        this.asked = undefined;
        if (!this.shown) return;
        // First the keys, then the look: whoever sees nothing more presses a plain Tab.
        void vscode.commands.executeCommand('setContext', SHOWN, false);
        for (const kind of [this.gone, this.fresh, this.hint]) this.shown.editor.setDecorations(kind, []);
        this.shown = undefined;
    }
}

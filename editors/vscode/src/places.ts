// Places of a document, between VS Code's terms and LSP's.

import * as vscode from 'vscode';
import type { Diagnostic, Range } from './protocol';

export function range({ start, end }: Range): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** What tools complain about, in a part of the document where one is given. */
export function complaints({ uri }: vscode.TextDocument, within?: vscode.Range): Diagnostic[] {
    const found = vscode.languages.getDiagnostics(uri).filter((one) => !within || one.range.intersection(within));
    return found.map(({ range, message, severity, source }) => ({ range, message, severity: severity + 1, source }));
}

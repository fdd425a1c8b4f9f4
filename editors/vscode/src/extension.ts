// What VS Code runs: the agent's process, and the few faces of it that VS Code has no word for.

import * as vscode from 'vscode';
import { Agent } from './agent';
import { ChatView } from './chat';
import { Edits } from './edits';
import { Keys } from './keys';
import { NextEdits } from './next';
import { Verbs } from './protocol';
import { StatusLine } from './status';

let agent: Agent | undefined;

export function activate(context: vscode.ExtensionContext): void {
    const log = vscode.window.createOutputChannel('Nextline', { log: true });
    const keys = new Keys(context.secrets);
    agent = new Agent(context, log, keys);
    const edits = new Edits(agent);
    const next = new NextEdits(agent);
    const chat = new ChatView(context, agent);
    const status = new StatusLine(agent, keys);
    const commands: { [name: string]: (...given: any[]) => unknown } = {
        edit: () => edits.ask(),
        document: () => edits.here(Verbs.Doc),
        tests: () => edits.here(Verbs.Test),
        fix: () => edits.here(Verbs.Fix),
        acceptEdit: (id?: unknown, hunk?: unknown) => edits.accept(named(id), typeof hunk === 'number' ? hunk : undefined),
        rejectEdit: (id?: unknown) => edits.reject(named(id)),
        retryEdit: (id?: unknown) => edits.retry(named(id)),
        showEdit: (id?: unknown) => edits.show(named(id)),
        undoEdit: () => edits.undo(),
        nextEdit: () => next.go(),
        dismissNextEdit: () => next.dismiss(),
        explain: () => chat.explain(),
        chat: () => chat.focus(),
        menu: () => status.menu(),
        why: () => status.why(),
        snooze: () => status.snooze(),
        route: () => status.route(),
        storeKey: () => keys.store(agent!),
        forgetKey: () => keys.forget(agent!),
        restart: () => agent!.restart(),
        log: () => log.show(),
        settings: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:nextline.nextline'),
    };
    for (const [name, run] of Object.entries(commands)) {
        context.subscriptions.push(vscode.commands.registerCommand(`nextline.vscode.${name}`, run));
    }
    context.subscriptions.push(log, agent, edits, next, chat, status);
    // The extension host goes on with others before the agent is started.
    setImmediate(() => void agent?.start());
}

/** A lens names its edit; a button of the title bar gives what VS Code gives to all of them. */
function named(id: unknown): string | undefined {
    return typeof id === 'string' ? id : undefined;
}

export function deactivate(): Thenable<void> | undefined {
    return agent?.stop();
}

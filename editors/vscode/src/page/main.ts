// The page of the browser in a view of VS Code: a port over the view's messages in the place of the socket.

// @ts-ignore: plain JavaScript, the browser's own.
import { Chat } from '../../../../agent/src/serve/page/chat.js';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

interface Port {
    send(text: string): void;
    onmessage?: (text: string) => void;
    onclose?: (reason: string) => void;
}

const editor = acquireVsCodeApi();
const root = document.getElementById('nextline')!;
const chat = new Chat(root);
let port: Port | undefined;
/** What to ask as soon as somebody can answer. */
let wanted: string | undefined;
let attached = false;

/** The same chat goes on with a new process. */
async function attach(): Promise<void> {
    port = { send: (text) => editor.postMessage(JSON.parse(text)) };
    // The view puts the cursor into its field; while the person types elsewhere it stays there.
    const field = root.querySelector('textarea');
    if (field && !document.hasFocus()) field.focus = () => undefined;
    await chat.attach(port);
    attached = true;
    if (field) field.focus = HTMLElement.prototype.focus;
}

/** Types the question that waits, and sends it. */
function say(): void {
    const field = root.querySelector('textarea');
    const form = root.querySelector('form');
    if (!wanted || !attached || !field || !form) return;
    field.value = wanted;
    wanted = undefined;
    form.requestSubmit();
    editor.postMessage({ said: true });
}

addEventListener('message', async ({ data }) => {
    if (data.say) wanted = data.say;
    if (data.opened) await attach();
    else if (data.closed !== undefined) {
        attached = false;
        port?.onclose?.(data.closed);
        port = undefined;
    } else if (data.jsonrpc) port?.onmessage?.(JSON.stringify(data));
    say();
});
editor.postMessage({ ready: true });

// The page in a window of an editor: a port over the window's messages in the place of the socket, and a question of the editor's that waits
// until somebody can answer.

import { Chat } from './chat.js';

/** Starts the view. `send` hands the editor a message; what comes back takes one from it. */
export function hosted(send) {
  const root = document.getElementById('nextline');
  const chat = new Chat(root);
  let port;
  let wanted;
  let attached = false;

  /** The same chat goes on with a new process. */
  async function attach() {
    port = { send: (text) => send(JSON.parse(text)) };
    // The view puts the cursor into its field; while the person types elsewhere it stays there.
    const field = root.querySelector('textarea');
    if (field && !document.hasFocus()) field.focus = () => undefined;
    await chat.attach(port);
    attached = true;
    if (field) field.focus = HTMLElement.prototype.focus;
  }

  /** Types the question that waits, and sends it. */
  function say() {
    const field = root.querySelector('textarea');
    const form = root.querySelector('form');
    if (!wanted || !attached || !field || !form) return;
    field.value = wanted;
    wanted = undefined;
    form.requestSubmit();
    send({ said: true });
  }

  return async (message) => {
    if (message.say) wanted = message.say;
    if (message.opened) await attach();
    else if (message.closed !== undefined) {
      attached = false;
      port?.onclose?.(message.closed);
      port = undefined;
    } else if (message.jsonrpc) port?.onmessage?.(JSON.stringify(message));
    say();
  };
}

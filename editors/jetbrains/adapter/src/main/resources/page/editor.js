// The page of the browser in a tool window: a port over the window's messages in the place of the socket.

import { Chat } from './chat.js';

const root = document.getElementById('nextline');
const chat = new Chat(root);
let post;
let port;
let attached = false;
/** What to ask as soon as somebody can answer. */
let wanted;

/** The same chat goes on with a new process. */
async function attach() {
  port = { send: (text) => post(text) };
  await chat.attach(port);
  attached = true;
}

/** Types the question that waits, and sends it. */
function say() {
  const field = root.querySelector('textarea');
  const form = root.querySelector('form');
  if (!wanted || !attached || !field || !form) return;
  field.value = wanted;
  wanted = undefined;
  form.requestSubmit();
  post(JSON.stringify({ said: true }));
}

window.nextline = {
  /** The window is there: `send` hands it a text. */
  connect(send) {
    post = send;
    post(JSON.stringify({ ready: true }));
  },
  async heard(text) {
    const message = JSON.parse(text);
    if (message.say) wanted = message.say;
    if (message.opened) await attach();
    else if (message.closed !== undefined) {
      attached = false;
      port?.onclose?.(message.closed);
      port = undefined;
    } else if (message.jsonrpc) port?.onmessage?.(text);
    say();
  },
};

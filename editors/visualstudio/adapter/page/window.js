// The page of the browser in a window of Visual Studio: a port over the window's messages in the place of the socket.

import { Chat } from './chat.js';

const host = window.chrome.webview;
const root = document.getElementById('nextline');
const chat = new Chat(root);
let port;
/** What to ask as soon as somebody can answer. */
let wanted;
let attached = false;

/** The same chat goes on with a new process. */
async function attach() {
  port = { send: (text) => host.postMessage(text) };
  await chat.attach(port);
  attached = true;
  say();
}

/** Types the question that waits, and sends it. */
function say() {
  const field = root.querySelector('textarea');
  if (!wanted || !attached) return;
  field.value = wanted;
  wanted = undefined;
  root.querySelector('form').requestSubmit();
}

host.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  if (message.say) wanted = message.say;
  if (message.opened) void attach();
  else if (message.closed !== undefined) {
    attached = false;
    port?.onclose?.(message.closed);
    port = undefined;
  } else if (message.jsonrpc) port?.onmessage?.(data);
  say();
});
host.postMessage(JSON.stringify({ ready: true }));

// The page of the browser in a view of Eclipse: a port over two functions in the place of the socket. `nextlineSend` is Eclipse's, and it calls
// `nextlineHear`.

import { Chat } from './chat.js';

const root = document.getElementById('nextline');
const chat = new Chat(root);
const send = (message) => window.nextlineSend(JSON.stringify(message));
let port;
/** What to ask as soon as somebody can answer. */
let wanted;
let attached = false;

/** The same chat goes on with a new process. */
async function attach() {
  port = { send: (text) => window.nextlineSend(text) };
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
  send({ said: true });
}

window.nextlineHear = async (data) => {
  if (data.say) wanted = data.say;
  if (data.opened) await attach();
  else if (data.closed !== undefined) {
    attached = false;
    port?.onclose?.(data.closed);
    port = undefined;
  } else if (data.jsonrpc) port?.onmessage?.(JSON.stringify(data));
  say();
};

/** SWT gives a page its functions when it is loaded. */
function begin() {
  if (window.nextlineSend) send({ ready: true });
  else setTimeout(begin, 20);
}
begin();

// The page in a browser: the token from behind the `#`, the socket, and the view. An editor's web view starts the view with a port of its
// own instead of this file.

import { Chat } from './chat.js';
import { button, el } from './element.js';
import { socketPort } from './wire.js';

const KEPT = 'nextline-token';
const WAITS = [500, 1000, 2000, 4000, 8000];

const root = document.getElementById('nextline');

/** The token; it leaves the address bar, so that no copied address and no history entry has it. */
function token() {
  const given = /^#(?:token=)?([\w-]+)$/.exec(location.hash)?.[1];
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}

function askToken(why) {
  const input = el('input', { id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  const submit = (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEPT, input.value.trim());
    start();
  };
  root.replaceChildren(
    el(
      'form',
      { class: 'door', onsubmit: submit },
      el('h1', {}, 'Nextline'),
      el('p', {}, why),
      el('label', { for: 'token' }, 'Token'),
      input,
      el('button', { type: 'submit', class: 'main' }, 'Connect'),
    ),
  );
  input.focus();
}

async function connect() {
  const address = new URL('socket', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  return socketPort(address.href, token());
}

/** Whether the token is known. A socket that is refused does not say why. */
async function known() {
  const answer = await fetch('health', { headers: { authorization: `Bearer ${token()}` } });
  return answer.status !== 401;
}

async function start() {
  if (!token()) {
    return askToken('The address that “nextline serve” prints has the token behind its “#”. Open that one, or paste the token.');
  }
  try {
    if (!(await known())) return askToken('This token is not the one that “nextline serve” printed.');
    const chat = new Chat(root);
    await chat.attach(await connect());
    chat.onlost = () => again(chat, 0);
  } catch {
    root.replaceChildren(
      el('div', { class: 'door' }, el('h1', {}, 'Nextline'), el('p', {}, 'No “nextline serve” answers here any more.'), button('Try again', start, { class: 'main' })),
    );
  }
}

/** After the connection was lost: the same chat goes on. */
async function again(chat, tried) {
  try {
    await chat.attach(await connect());
  } catch {
    if (tried < WAITS.length) setTimeout(() => again(chat, tried + 1), WAITS[tried]);
    else chat.gone(() => again(chat, 0));
  }
}

addEventListener('hashchange', () => location.hash && start());
start();

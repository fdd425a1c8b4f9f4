// Earlier chats, with a search in what was said.

import { button, copyButton, el } from './element.js';

const MOST = 100;

export class History {
  #wire;
  #act;
  #search = el('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search in chats' });
  #list = el('ul', { class: 'chats' });
  #asked = 0;
  element = el('aside', { id: 'history', 'aria-label': 'Chats', hidden: true });

  /** `act` has `open(id)` and `deleted(id)`. */
  constructor(act) {
    this.#act = act;
    this.#search.addEventListener('input', () => this.refresh());
    const close = button('Close', () => this.toggle(false), { class: 'close' });
    this.element.append(el('header', {}, this.#search, close), this.#list);
    this.element.addEventListener('keydown', (event) => event.key === 'Escape' && this.toggle(false));
  }

  attach(wire) {
    this.#wire = wire;
  }

  toggle(shown = this.element.hidden) {
    this.element.hidden = !shown;
    this.ontoggle?.(shown);
    if (shown) {
      this.refresh();
      this.#search.focus();
    }
  }

  /** The list as it is now, if it is seen. */
  async refresh(current = this.current) {
    this.current = current;
    if (this.element.hidden) return;
    const asked = ++this.#asked;
    const { chats } = await this.#wire.request('agent/chat/list', { query: this.#search.value.trim(), limit: MOST });
    if (asked !== this.#asked) return;
    const found = chats.map((chat) => this.#row(chat));
    this.#list.replaceChildren(...(found.length ? found : [el('li', { class: 'none' }, 'No chats')]));
  }

  #row({ id, title, updated, turns }) {
    const when = new Date(updated);
    const shown = when.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    const open = button('', () => this.#act.open(id), { class: 'open', 'aria-current': id === this.current ? 'true' : false });
    open.append(el('span', { class: 'title' }, title || 'Untitled'), el('time', { datetime: when.toISOString() }, `${shown} · ${turns} turns`));
    const text = async () => (await this.#wire.request('agent/chat/export', { id, format: 'markdown' })).text;
    const forget = button('Delete', () => this.#forget(forget, id), { 'aria-label': `Delete ${title}` });
    return el('li', {}, open, copyButton(text, 'Export'), forget);
  }

  /** The first press asks, the second one does it. */
  async #forget(forget, id) {
    if (forget.textContent === 'Delete') {
      forget.textContent = 'Sure?';
      setTimeout(() => (forget.textContent = 'Delete'), 3000);
      return;
    }
    await this.#wire.request('agent/chat/delete', { id });
    this.#act.deleted(id);
    this.refresh();
  }
}

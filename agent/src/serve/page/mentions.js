// What may stand behind an `@` (or behind a command's verb), while it is typed: a list below the text field, driven by the keyboard.

import { el } from './element.js';

const AT = /(^|[\s([{"'])@([^\s()[\]{}"'`,;]*)$/;
const COMMAND = /^\/(?:edit|doc|test|fix) ()([^\s:]*)$/;
const MOST = 8;

export class Mentions {
  #field;
  #find;
  #list = el('ul', { id: 'mentions', role: 'listbox', 'aria-label': 'Files', hidden: true });
  #names = [];
  #chosen = 0;
  #asking = null;

  /** `find(query, signal)` answers names. */
  constructor(field, find) {
    this.#field = field;
    this.#find = find;
    for (const [name, value] of Object.entries({ 'aria-controls': 'mentions', 'aria-autocomplete': 'list', 'aria-expanded': 'false' })) {
      field.setAttribute(name, value);
    }
    field.addEventListener('input', () => this.#look());
    field.addEventListener('blur', () => this.close());
  }

  get list() {
    return this.#list;
  }

  get open() {
    return !this.#list.hidden;
  }

  close() {
    this.#asking?.abort();
    this.#list.hidden = true;
    this.#field.setAttribute('aria-expanded', 'false');
    this.#field.removeAttribute('aria-activedescendant');
  }

  /** Takes a key of the field; true if it was for the list. */
  key(event) {
    if (!this.open) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      this.#choose((this.#chosen + moves[event.key] + this.#names.length) % this.#names.length);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      this.#take(this.#names[this.#chosen]);
    } else if (event.key === 'Escape') {
      this.close();
    } else {
      return false;
    }
    return true;
  }

  #typed() {
    const before = this.#field.value.slice(0, this.#field.selectionStart);
    return AT.exec(before) ?? COMMAND.exec(before);
  }

  async #look() {
    this.#asking?.abort();
    const typed = this.#typed();
    if (!typed) return this.close();
    const asking = new AbortController();
    this.#asking = asking;
    const names = await this.#find(typed[2], asking.signal).catch(() => []);
    if (asking.signal.aborted) return;
    // What differs from the last commit is mentioned like a file.
    if (typed[0].includes('@') && typed[2] && 'diff'.startsWith(typed[2])) names.unshift('diff');
    this.#names = names.slice(0, MOST);
    if (!this.#names.length) return this.close();
    this.#list.replaceChildren(...this.#names.map((name, index) => this.#option(name, index)));
    this.#list.hidden = false;
    this.#field.setAttribute('aria-expanded', 'true');
    this.#choose(0);
  }

  #option(name, index) {
    // The field keeps the focus.
    const take = (event) => {
      event.preventDefault();
      this.#take(name);
    };
    return el('li', { id: `mention-${index}`, role: 'option', onmousedown: take }, name);
  }

  #choose(index) {
    this.#chosen = index;
    [...this.#list.children].forEach((option, at) => option.setAttribute('aria-selected', String(at === index)));
    this.#list.children[index].scrollIntoView({ block: 'nearest' });
    this.#field.setAttribute('aria-activedescendant', `mention-${index}`);
  }

  #take(name) {
    const typed = this.#typed();
    this.close();
    if (!typed) return;
    const at = this.#field.selectionStart;
    this.#field.setRangeText(`${name} `, at - typed[2].length, at, 'end');
    this.#field.dispatchEvent(new Event('input'));
  }
}

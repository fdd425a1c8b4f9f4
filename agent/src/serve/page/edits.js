// Edits of files: started by `/edit FILE:LINES …` or from a block of code, shown as a diff, taken or not.

import { button, diff, el } from './element.js';

const COMMAND = /^\/(edit|doc|test|fix)\s+(\S+?)(?::(\d+)(?:-(\d+))?)?(?:\s+([^]*))?$/;

/** What a message commands, `null` if it commands nothing. Lines count from 1 for people, from 0 on the wire. */
export function command(text) {
  const found = COMMAND.exec(text.trim());
  if (!found) return null;
  const [, verb, file, first, last, instruction] = found;
  const from = first ? Number(first) - 1 : 0;
  const start = { line: from, character: 0 };
  const end = last ? { line: Number(last), character: 0 } : start;
  return { textDocument: { uri: file }, range: { start, end }, verb, instruction: instruction?.trim() ?? '' };
}

export class Edits {
  #wire;
  #cards = new Map();
  #early = new Map();

  attach(wire) {
    this.#wire = wire;
    wire.on('agent/edit/event', (event) => {
      const card = this.#cards.get(event.id);
      // An event may come before the answer that names its edit.
      if (card) card.hear(event);
      else this.#early.set(event.id, [...(this.#early.get(event.id) ?? []), event]);
    });
  }

  /** Starts an edit; answers its card. */
  async start(params) {
    return this.#begin('agent/edit/start', params, `${params.verb} ${params.textDocument.uri}`);
  }

  /** Puts a block of code where it belongs in a file. */
  async place(file, text) {
    return this.#begin('agent/edit/apply', { textDocument: { uri: file }, text }, `Apply to ${file}`);
  }

  async #begin(method, params, title) {
    const { id } = await this.#wire.request(method, params);
    const card = new Card(this.#wire, title, (id, card) => this.#adopt(id, card));
    this.#adopt(id, card);
    return card.element;
  }

  #adopt(id, card) {
    card.id = id;
    this.#cards.set(id, card);
    for (const event of this.#early.get(id) ?? []) card.hear(event);
    this.#early.delete(id);
  }
}

class Card {
  #wire;
  #renamed;
  #state = el('p', { role: 'status' }, 'Working …');
  #shown = el('div');
  #bar = el('footer');
  element;
  id = null;

  constructor(wire, title, renamed) {
    this.#wire = wire;
    this.#renamed = renamed;
    this.element = el('article', { class: 'turn edit' }, el('h2', {}, title), this.#state, this.#shown, this.#bar);
    this.#offer(['Stop', 'cancel']);
  }

  hear(event) {
    const { kind } = event;
    // What goes in with the question changes nothing of how the edit stands.
    if (kind === 'context') return;
    if (kind === 'progress') {
      this.#say(`Working … ${event.received} bytes`);
    } else if (kind === 'again') {
      this.#say('The text was changed there: asking once more …');
    } else if (kind === 'ready') {
      const { diff: text, newErrors } = event.preview;
      const errors = newErrors ? el('p', { class: 'trouble' }, `Syntax errors that it would bring: ${newErrors}.`) : null;
      this.#shown.replaceChildren(diff(text), ...(errors ? [errors] : []));
      this.#say('Ready');
      this.#offer(['Accept', 'accept'], ['Reject', 'reject'], ['Retry', 'retry']);
    } else if (kind === 'failed') {
      this.#say(event.message);
      this.#offer(['Retry', 'retry']);
    } else {
      this.#say({ applied: 'Applied', undone: 'Taken back', rejected: 'Rejected', cancelled: 'Stopped' }[kind] ?? kind);
      this.#offer(kind === 'applied' ? ['Undo', 'undo'] : ['Retry', 'retry']);
    }
  }

  #say(text) {
    this.#state.textContent = text;
  }

  #offer(...acts) {
    const known = (label, verb) => button(label, () => this.#act(verb), { class: verb === 'accept' ? 'main' : false });
    this.#bar.replaceChildren(...acts.map(([label, verb]) => known(label, verb)));
  }

  async #act(verb) {
    try {
      const result = await this.#wire.request(`agent/edit/${verb}`, { id: this.id });
      if (result?.applied === false) this.#say(result.reason);
      if (verb === 'retry') {
        this.#shown.replaceChildren();
        this.#say('Working …');
        this.#offer(['Stop', 'cancel']);
        this.#renamed(result.id, this);
      }
    } catch (fault) {
      this.#say(fault.message);
    }
  }
}

// What was said, one element a turn.

import { bill, button, copyButton, el } from './element.js';
import { Markdown } from './markdown.js';

/** What the person said, as it was typed. */
export function question(text, edit) {
  const bar = el('footer', {}, button('Edit', edit, { title: 'Change this question and ask again' }), copyButton(() => text));
  return el('article', { class: 'turn question' }, el('h2', {}, 'You'), el('div', { class: 'said' }, text), bar);
}

/** Something that went wrong, or that must be known. */
export function notice(text, ...more) {
  return el('article', { class: 'turn notice', role: 'alert' }, el('p', {}, text), ...more);
}

/** An answer while it comes, and then. */
export class Answer {
  #text = el('div', { class: 'markdown' });
  #bar = el('footer');
  #markdown;
  element;

  constructor(tools) {
    this.#markdown = new Markdown(this.#text, tools);
    this.element = el('article', { class: 'turn answer', 'aria-busy': 'true' }, el('h2', {}, 'Nextline'), this.#text, this.#bar);
  }

  get text() {
    return this.#markdown.text;
  }

  feed(text) {
    this.#markdown.feed(text);
  }

  /** What went in with the question. */
  account({ kept, leftOut, forgotten, tokens }) {
    const item = ({ name, tokens, reason }) => el('li', {}, reason ? `${name}: ${reason}` : `${name} (${tokens} tokens)`);
    const lines = [...kept, ...leftOut].map(item);
    if (forgotten) lines.push(el('li', {}, `${forgotten} earlier turns did not fit`));
    const left = leftOut.length ? `, ${leftOut.length} left out` : '';
    const summary = el('summary', {}, `${kept.length} mentioned${left} · about ${tokens} tokens`);
    this.#text.before(el('details', { class: 'account' }, summary, el('ul', {}, ...lines)));
  }

  /** The end of it: `said` is what stands beside it. */
  end({ model, ...result }) {
    this.#markdown.end();
    this.element.setAttribute('aria-busy', 'false');
    const said = [model, bill(result)];
    if (result.stopReason === 'length') said.push('cut at the limit of tokens');
    if (result.error) this.#text.after(el('p', { class: 'trouble', role: 'alert' }, result.error.message));
    const told = said.filter(Boolean).join(' · ');
    this.#bar.replaceChildren(el('span', { class: 'bill' }, told), copyButton(() => this.#markdown.text));
  }
}

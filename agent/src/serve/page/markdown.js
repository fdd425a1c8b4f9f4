// Markdown of a model to elements, as it comes. Only elements of this file's own making and text nodes: no HTML is read, no image is made,
// and the only addresses are those of links to http and https, which show their host and are followed by hand.

import { copyButton, diff, el } from './element.js';

/** Quotes and lists inside of each other; what is deeper is text. */
const DEPTH = 12;

const FENCE = /^( {0,3})(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3}(?:[-*+]|(\d{1,9})[.)]))(?:[ \t]+|$)(.*)$/;
const TABLE = /^ *\|?( *:?-+:? *\|)+( *:?-+:? *)?$/;

/** Shows a text in `box` while it grows. What can change no more is left alone. */
export class Markdown {
  #box;
  #tools;
  #text = '';
  #done = 0;
  #tail = [];
  #due = 0;

  /** `tools(code, language)` answers more buttons for a block of code. */
  constructor(box, tools = () => []) {
    this.#box = box;
    this.#tools = tools;
  }

  get text() {
    return this.#text;
  }

  feed(text) {
    this.#text += text;
    this.#due ||= requestAnimationFrame(() => this.#draw());
  }

  /** Shows all that came. */
  end() {
    cancelAnimationFrame(this.#due);
    this.#draw();
  }

  #draw() {
    this.#due = 0;
    for (const node of this.#tail) node.remove();
    const settled = this.#settled();
    if (settled > this.#done) {
      this.#box.append(...blocks(this.#text.slice(this.#done, settled).split('\n'), this.#tools));
      this.#done = settled;
    }
    this.#tail = blocks(this.#text.slice(this.#done).split('\n'), this.#tools);
    this.#box.append(...this.#tail);
  }

  /** Where the blocks end that nothing can be added to: behind an empty line that is in no fence and in no list. */
  #settled() {
    let at = this.#done;
    let settled = at;
    let fence = null;
    let empty = false;
    for (const line of this.#text.slice(at).split('\n').slice(0, -1)) {
      const mark = FENCE.exec(line);
      if (fence) {
        if (mark && closes(mark, fence)) fence = null;
      } else {
        if (empty && /^\S/.test(line) && !ITEM.test(line)) settled = at;
        if (mark) fence = mark;
      }
      empty = !fence && line.trim() === '';
      at += line.length + 1;
    }
    return settled;
  }
}

function closes(mark, fence) {
  return mark[2][0] === fence[2][0] && mark[2].length >= fence[2].length && mark[3].trim() === '';
}

function starts(line, next) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line) || isTable(line, next);
}

function isTable(line, next) {
  return line.includes('|') && next !== undefined && next.includes('|') && TABLE.test(next);
}

function blocks(lines, tools, depth = 0) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === '') {
      at += 1;
    } else if (fence) {
      const from = at + 1;
      let to = from;
      while (to < lines.length && !closes(FENCE.exec(lines[to]) ?? ['', '', '', '?'], fence)) to += 1;
      const margin = new RegExp(`^ {0,${fence[1].length}}`);
      const code = lines.slice(from, to).map((line) => line.replace(margin, ''));
      found.push(codeBlock(code.join('\n'), fence[3].trim(), tools));
      at = to + 1;
    } else if (heading) {
      found.push(el(`h${Math.min(heading[1].length + 2, 6)}`, {}, ...inline(heading[2])));
      at += 1;
    } else if (RULE.test(line)) {
      found.push(el('hr'));
      at += 1;
    } else if (QUOTE.test(line) && depth < DEPTH) {
      const from = at;
      while (at < lines.length && QUOTE.test(lines[at])) at += 1;
      const inside = lines.slice(from, at).map((line) => line.replace(QUOTE, ''));
      found.push(el('blockquote', {}, ...blocks(inside, tools, depth + 1)));
    } else if (ITEM.test(line) && depth < DEPTH) {
      const [list, end] = listFrom(lines, at, tools, depth);
      found.push(list);
      at = end;
    } else if (isTable(line, lines[at + 1])) {
      const from = at;
      while (at < lines.length && lines[at].includes('|')) at += 1;
      found.push(table(lines.slice(from, at)));
    } else {
      const from = at;
      at += 1;
      while (at < lines.length && lines[at].trim() !== '' && !starts(lines[at], lines[at + 1])) at += 1;
      found.push(el('p', {}, ...inline(lines.slice(from, at).join('\n'))));
    }
  }
  return found;
}

function listFrom(lines, at, tools, depth) {
  const first = ITEM.exec(lines[at]);
  const ordered = first[2] !== undefined;
  const list = el(ordered ? 'ol' : 'ul', { start: ordered && first[2] !== '1' ? first[2] : false });
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || (item[2] !== undefined) !== ordered) break;
    const margin = item[1].length + 1;
    const inside = [item[3]];
    at += 1;
    while (at < lines.length) {
      const line = lines[at];
      const deep = line.search(/\S/) >= Math.min(margin, 2);
      const goesOn = inside.at(-1).trim() !== '' && !starts(line, lines[at + 1]);
      const later = lines.slice(at).find((line) => line.trim() !== '');
      if (line.trim() === '') {
        if (later === undefined || !(later.search(/\S/) >= 2 || ITEM.test(later))) break;
        inside.push('');
      } else if (deep || goesOn) {
        inside.push(line.replace(new RegExp(`^ {0,${margin}}`), ''));
      } else {
        break;
      }
      at += 1;
    }
    list.append(el('li', {}, ...unwrapped(blocks(inside, tools, depth + 1))));
  }
  return [list, at];
}

/** An item of one paragraph is a line. */
function unwrapped(found) {
  return found[0]?.tagName === 'P' ? [...found[0].childNodes, ...found.slice(1)] : found;
}

function table(lines) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((cell) => inline(cell.trim()));
  const row = (tag, line) => el('tr', {}, ...cells(line).map((cell) => el(tag, {}, ...cell)));
  const body = lines.slice(2).map((line) => row('td', line));
  return el('div', { class: 'table', tabindex: 0 }, el('table', {}, el('thead', {}, row('th', lines[0])), el('tbody', {}, ...body)));
}

function codeBlock(code, info, tools) {
  const language = info.split(/\s/)[0];
  const bar = el('header', {}, el('span', {}, info), copyButton(() => code), ...tools(code, info));
  const text = language === 'diff' ? diff(code) : el('pre', { tabindex: 0 }, el('code', {}, code));
  return el('figure', { class: 'code' }, bar, text);
}

const MARKS = { '**': 'strong', __: 'strong', '~~': 'del', '*': 'em', _: 'em' };
const ADDRESS = /^https?:\/\/[^\s<>"'`]+/i;

/** Text within a line to nodes. */
export function inline(text, depth = 0, missing = new Set()) {
  const nodes = [];
  let plain = '';
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = '';
  };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + 2048);
    const letter = text[at];
    let taken = 0;
    let node = null;
    if (letter === '\\' && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) {
      plain += text[at + 1];
      taken = 2;
    } else if (letter === '`') {
      const run = /^`+/.exec(rest)[0];
      const end = closing(text, at + run.length, run);
      if (end >= 0) {
        node = el('code', {}, text.slice(at + run.length, end).replace(/^ (.*) $/s, '$1'));
        taken = end + run.length - at;
      } else {
        plain += run;
        taken = run.length;
      }
    } else if (letter === '[') {
      const link = /^\[((?:[^[\]\\]|\\.)*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))*)>?(?:\s+["'(][^\n]*?["')])?\s*\)/.exec(rest);
      const address = link && safe(link[2]);
      if (address && depth < DEPTH) {
        node = anchor(address, inline(link[1], DEPTH));
        taken = link[0].length;
      }
    } else if (letter === 'h' && depth < DEPTH && !/\w/.test(text[at - 1] ?? '') && ADDRESS.test(rest)) {
      const shown = ADDRESS.exec(rest)[0].replace(/[.,;:!?)\]}*_~]+$/, '');
      const address = safe(shown);
      if (address) {
        node = anchor(address, [document.createTextNode(shown)], true);
        taken = shown.length;
      }
    } else if (letter === '\n' && plain.endsWith('  ')) {
      plain = plain.trimEnd();
      node = el('br');
      taken = 1;
    } else if (depth < DEPTH) {
      const mark = Object.keys(MARKS).find((mark) => rest.startsWith(mark));
      const end = mark === undefined ? -1 : emphasis(text, at, mark, missing);
      if (end > 0) {
        node = el(MARKS[mark], {}, ...inline(text.slice(at + mark.length, end), depth + 1));
        taken = end + mark.length - at;
      }
    }
    if (node) {
      flush();
      nodes.push(node);
    } else if (!taken) {
      plain += letter;
      taken = 1;
    }
    at += taken;
  }
  flush();
  return nodes;
}

/** Where a run of marks of just this length is. */
function closing(text, from, run) {
  for (let at = text.indexOf('`', from); at >= 0; ) {
    const found = /^`+/.exec(text.slice(at, at + 2048))[0].length;
    if (found === run.length) return at;
    at = text.indexOf('`', at + found);
  }
  return -1;
}

/** Where an emphasis that begins here ends; -1 if it is none. Marks that are closed nowhere are looked for once. */
function emphasis(text, at, mark, missing) {
  const from = at + mark.length;
  const word = (letter) => /[\p{L}\p{N}]/u.test(letter ?? '');
  if (missing.has(mark) || /\s/.test(text[from] ?? ' ')) return -1;
  if (mark[0] === '_' && word(text[at - 1])) return -1;
  for (let end = text.indexOf(mark, from + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
    const after = text[end + mark.length];
    const doubled = mark.length === 1 && (after === mark || text[end - 1] === mark);
    if (/\s|\\/.test(text[end - 1]) || doubled || (mark[0] === '_' && word(after))) continue;
    return end;
  }
  missing.add(mark);
  return -1;
}

/** An address that may be followed, `null` for all but http and https. */
function safe(text) {
  try {
    const address = new URL(text.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
    return ['http:', 'https:'].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/** A link says where it leads, whatever its text says. */
function anchor(address, label, bare = false) {
  const attributes = { href: address.href, rel: 'noopener noreferrer nofollow', target: '_blank', title: address.href };
  const host = bare ? null : el('span', { class: 'host' }, ` (${address.host})`);
  return el('a', attributes, ...label, host);
}

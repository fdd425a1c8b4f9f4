// Elements made of other elements and of texts. A text is always a text node: nothing here reads HTML.

/** An element. Names that begin with `on` are listeners, `class` and the rest attributes; `false` and `null` leave one out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button that says what it does. */
export function button(text, act, attributes = {}) {
  return el('button', { type: 'button', onclick: act, ...attributes }, text);
}

/** A button that copies; `text` is called when it is pressed. */
export function copyButton(text, label = 'Copy') {
  const copy = button(label, async () => {
    try {
      await navigator.clipboard.writeText(await text());
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Not allowed to copy';
    }
    setTimeout(() => (copy.textContent = label), 1500);
  });
  return copy;
}

/** A unified diff, one element a line. */
export function diff(text) {
  const kinds = { '+': 'added', '-': 'removed', '@': 'place' };
  const lines = text.replace(/\n$/, '').split('\n');
  const line = (text) => el('span', { class: /^(\+\+\+|---) /.test(text) ? 'file' : kinds[text[0]] ?? false }, text || ' ');
  return el('pre', { class: 'diff', tabindex: 0 }, el('code', {}, ...lines.map(line)));
}

const number = new Intl.NumberFormat('en');

/** Tokens and money, as far as they are known. */
export function bill({ inputTokens, outputTokens, cachedTokens, costUsd }) {
  const parts = [];
  if (inputTokens != null) parts.push(`${number.format(inputTokens)} in`);
  if (cachedTokens) parts.push(`${number.format(cachedTokens)} of them cached`);
  if (outputTokens != null) parts.push(`${number.format(outputTokens)} out`);
  if (costUsd != null) parts.push(money(costUsd));
  return parts.join(' · ');
}

export function money(usd) {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

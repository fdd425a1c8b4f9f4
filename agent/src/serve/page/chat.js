// The view: one chat, the field below it, and what belongs to both. It knows a wire and an element to stand in, and nothing of where it runs.

import { button, el, money } from './element.js';
import { Edits, command } from './edits.js';
import { History } from './history.js';
import { Mentions } from './mentions.js';
import { Answer, notice, question } from './turn.js';
import { Wire } from './wire.js';

const HINT = 'Ask about your code. @ mentions a file, /edit FILE:LINES changes one.';

export class Chat {
  #wire = null;
  /** Connected, and the chat as it was is shown again. */
  #ready = false;
  #id = null;
  #turns = 0;
  /** The turn that the field stands for, `null` for a new one. */
  #editing = null;
  #answer = null;
  #cost = 0;
  #tokens = 0;
  #edits = new Edits();
  #history = new History({ open: (id) => this.#open(id), deleted: (id) => id === this.#id && this.#fresh() });
  #mentions;

  #log = el('main', { role: 'log', 'aria-label': 'Chat', tabindex: 0 });
  #title = el('h1', {}, 'New chat');
  #sum = el('span', { class: 'sum' });
  #status = el('p', { class: 'status', role: 'status' });
  #model = el('select', { 'aria-label': 'Model', title: 'Model' });
  #field = el('textarea', { rows: 1, placeholder: 'Ask about your code', 'aria-label': 'Message', spellcheck: 'false', role: 'combobox', 'aria-haspopup': 'listbox' });
  #banner = el('p', { class: 'banner', hidden: true });
  #send = el('button', { type: 'submit', class: 'main' }, 'Send');
  #stop = button('Stop', () => this.#halt(), { hidden: true, title: 'Stop the answer (Esc)' });
  #toggle = button('Chats', () => this.#history.toggle(), { 'aria-expanded': 'false', 'aria-controls': 'history', title: 'Earlier chats (Alt+H)' });

  constructor(root) {
    this.#mentions = new Mentions(this.#field, async (query, signal) => {
      const { names } = await this.#wire.request('agent/context/suggest', { query, limit: 8 }, signal);
      return names;
    });
    this.#history.ontoggle = (shown) => {
      this.#toggle.setAttribute('aria-expanded', String(shown));
      if (!shown) this.#field.focus();
    };
    const submit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.#field.addEventListener('input', () => this.#grow());
    const fresh = button('New', () => this.#fresh(), { title: 'A new chat (Alt+N)' });
    const head = el('header', { class: 'head' }, this.#toggle, this.#title, this.#sum, fresh);
    const bar = el('div', { class: 'bar' }, this.#model, this.#status, this.#stop, this.#send);
    const form = el('form', { onsubmit: submit }, this.#mentions.list, this.#banner, this.#field, bar);
    this.#log.addEventListener('scroll', () => (this.#follows = this.#atEnd()));
    root.replaceChildren(el('div', { class: 'chat' }, head, this.#log, form), this.#history.element);
    root.addEventListener('keydown', (event) => this.#globalKey(event));
    this.#empty();
  }

  /** Speaks through a port from now on; the chat that is shown goes on. */
  async attach(port) {
    const wire = new Wire(port);
    wire.on('agent/chat/event', (event) => event.id === this.#id && this.#happened(event));
    wire.on('agent/status', ({ kind, message }) => ['Warning', 'Error'].includes(kind) && this.#say(message));
    wire.answer('window/showMessageRequest', (params) => this.#ask(params));
    wire.onclose = () => {
      this.#ready = false;
      this.#busy(false);
      this.#say('The connection was lost. Trying again …');
      this.onlost?.();
    };
    await wire.request('initialize', {
      processId: null,
      clientInfo: { name: 'nextline page' },
      capabilities: { experimental: { noFiles: true } },
      // Nothing is completed here: nothing need be learnt for it.
      initializationOptions: { local: { enabled: false } },
    });
    wire.notify('initialized');
    this.#wire = wire;
    this.#edits.attach(wire);
    this.#history.attach(wire);
    await this.#models();
    if (this.#id) await this.#resume();
    this.#ready = true;
    this.#say('');
    this.#history.refresh(this.#id);
    this.#field.focus();
  }

  /** After a new connection: the chat as it was kept, or a new one below what is still shown. */
  async #resume() {
    if (await this.#open(this.#id)) return;
    this.#id = null;
    this.#turns = 0;
    for (const said of this.#log.querySelectorAll('.turn')) said.dataset.turn = -1;
    this.#show(notice('This chat was not kept: what follows is a new one.'));
  }

  /** Nobody answers any more. */
  gone(again) {
    this.#say('No “nextline serve” answers any more.');
    this.#show(notice('The connection was lost.', button('Connect again', again, { class: 'main' })));
  }

  async #models() {
    const { models } = await this.#wire.request('agent/model/list');
    const chosen = this.#model.value || models.find((model) => model.usedFor.includes('chat'))?.route;
    const option = ({ route, model, trouble }) =>
      el('option', { value: route, title: trouble, disabled: Boolean(trouble), selected: route === chosen }, `${model || route} (${route})`);
    this.#model.replaceChildren(...models.map(option));
    this.#model.hidden = models.length === 0;
  }

  #happened({ kind, ...what }) {
    if (kind === 'delta') {
      this.#answer?.feed(what.text);
      requestAnimationFrame(() => this.#follow());
    } else if (kind === 'context') {
      this.#answer?.account(what.account);
    } else if (kind === 'title') {
      this.#name(what.title);
    }
  }

  async #submit() {
    const text = this.#field.value.trim();
    if (!text || this.#answer || !this.#ready) return;
    const wanted = command(text);
    if (text.startsWith('/') && !wanted) return this.#say('Commands are /edit, /doc, /test and /fix FILE:LINES, perhaps with an instruction.');
    this.#clear();
    if (wanted) return this.#edit(() => this.#edits.start({ ...wanted, route: this.#model.value || null }));
    await this.#converse(text);
  }

  async #converse(text) {
    const turn = this.#editing;
    this.#leaveEditing();
    if (turn !== null) this.#cut(turn);
    const asked = this.#turns;
    this.#show(question(text, () => this.#change(asked, text)));
    const answer = new Answer((code, info) => this.#tools(code, info));
    this.#answer = answer;
    this.#show(answer.element);
    this.#busy(true);
    const route = this.#model.value || null;
    let result;
    try {
      if (!this.#id) this.#id = (await this.#wire.request('agent/chat/start', { route })).id;
      result = await this.#wire.request('agent/chat/send', { id: this.#id, text, route, ...(turn === null ? {} : { turn }) });
      // A question without an answer is forgotten.
      this.#turns = answer.text ? result.turn + 1 : asked;
      this.#count(result);
    } catch (fault) {
      result = { error: { message: fault.message } };
    }
    answer.end({ ...result, model: this.#model.selectedOptions[0]?.textContent });
    this.#answer = null;
    this.#busy(false);
    this.#follow();
    if (result.error) this.#say('');
    this.#history.refresh(this.#id);
  }

  async #edit(begin) {
    try {
      this.#show(await begin());
    } catch (fault) {
      this.#show(notice(fault.message));
    }
  }

  /** What a block of code can be used for. */
  #tools(code, info) {
    if (/^(diff|sh|bash|shell|console|text)?$/.test(info)) return [];
    const place = button('Apply …', () => {
      const named = info.split(/\s+/)[1] ?? this.#mentioned() ?? '';
      const file = el('input', { value: named, placeholder: 'File', 'aria-label': 'File to change', size: 12 });
      const go = () => file.value.trim() && (form.replaceWith(place), this.#edit(() => this.#edits.place(file.value.trim(), code)));
      const keys = (event) => (event.key === 'Enter' ? go() : event.key === 'Escape' && form.replaceWith(place));
      const form = el('span', { class: 'apply', onkeydown: keys }, file, button('Apply', go));
      place.replaceWith(form);
      file.focus();
    });
    return [place];
  }

  /** The last file that was mentioned. */
  #mentioned() {
    const said = [...this.#log.querySelectorAll('.question .said')].map((said) => said.textContent).join('\n');
    const last = [...said.matchAll(/(?:^|\s)@(?:"([^"]+)"|([\w./()[\]-]+\.\w+))/g)].at(-1);
    return last?.[1] ?? last?.[2];
  }

  /** The field stands for an earlier question; sending forgets what followed it. */
  #change(turn, text) {
    if (this.#answer) return;
    this.#editing = turn;
    this.#banner.replaceChildren('Changing an earlier question: what followed it will be forgotten. ', button('Leave it', () => this.#leaveEditing(true)));
    this.#banner.hidden = false;
    this.#field.value = text;
    this.#grow();
    this.#field.focus();
  }

  #leaveEditing(clear = false) {
    this.#editing = null;
    this.#banner.hidden = true;
    if (clear) this.#clear();
  }

  /** Takes what was said from a turn on off the log. */
  #cut(turn) {
    const said = [...this.#log.querySelectorAll('.question, .answer')].filter((said) => Number(said.dataset.turn) >= turn);
    for (const element of said) element.remove();
    this.#turns = turn;
  }

  async #open(id) {
    if (this.#answer) return false;
    try {
      const { title, turns } = await this.#wire.request('agent/chat/get', { id });
      this.#fresh();
      this.#id = id;
      this.#name(title);
      for (const [index, { role, text }] of turns.entries()) {
        this.#turns = index;
        if (role === 'user') {
          this.#show(question(text, () => this.#change(index, text)));
        } else {
          const answer = new Answer((code, info) => this.#tools(code, info));
          answer.feed(text);
          answer.end({});
          this.#show(answer.element);
        }
      }
      this.#turns = turns.length;
      if (matchMedia('(max-width: 48rem)').matches) this.#history.toggle(false);
      this.#history.refresh(id);
      return true;
    } catch (fault) {
      this.#say(fault.message);
      return false;
    }
  }

  #fresh() {
    if (this.#answer) return;
    this.#id = null;
    this.#turns = 0;
    this.#cost = 0;
    this.#tokens = 0;
    this.#sum.textContent = '';
    this.#name('New chat');
    this.#leaveEditing();
    this.#empty();
    this.#history.refresh(null);
    this.#field.focus();
  }

  #empty() {
    const line = (keys, what) => el('li', {}, el('kbd', {}, keys), ` ${what}`);
    const keys = [line('Enter', 'sends, Shift+Enter is a new line'), line('Esc', 'stops the answer'), line('↑', 'changes the last question'), line('Alt+N', 'a new chat'), line('Alt+H', 'earlier chats')];
    this.#log.replaceChildren(el('section', { class: 'empty' }, el('p', {}, HINT), el('ul', {}, ...keys)));
  }

  #name(title) {
    this.#title.textContent = title;
    document.title = title === 'New chat' ? 'Nextline' : `${title} – Nextline`;
  }

  #count({ inputTokens, outputTokens, costUsd }) {
    this.#cost += costUsd ?? 0;
    this.#tokens += (inputTokens ?? 0) + (outputTokens ?? 0);
    const tokens = this.#tokens ? el('span', {}, `${this.#tokens.toLocaleString('en')} tokens `) : null;
    this.#sum.replaceChildren(...[tokens, this.#cost ? money(this.#cost) : null].filter(Boolean));
  }

  #halt() {
    if (this.#id) this.#wire.request('agent/chat/stop', { id: this.#id }).catch(() => {});
  }

  /** A question of the agent: what it may do with a file that steers a tool. */
  #ask({ message, actions }) {
    return new Promise((resolve) => {
      const choices = (actions ?? []).map((action) => button(action.title, () => dialog.close(action.title)));
      const dialog = el('dialog', {}, el('p', {}, message), el('footer', {}, ...choices));
      dialog.addEventListener('close', () => {
        dialog.remove();
        resolve((actions ?? []).find((action) => action.title === dialog.returnValue) ?? null);
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  #busy(busy) {
    if (!busy && this.#answer) {
      this.#answer.end({});
      this.#answer = null;
    }
    this.#stop.hidden = !busy;
    this.#send.hidden = busy;
    this.#say(busy ? 'Answering …' : '');
  }

  #say(text) {
    this.#status.textContent = text;
  }

  #follows = true;

  #atEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 60;
  }

  #follow() {
    if (this.#follows) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #show(element) {
    this.#log.querySelector('.empty')?.remove();
    if (element.matches('.question, .answer')) element.dataset.turn = this.#turns;
    this.#log.append(element);
    this.#follows = true;
    this.#follow();
  }

  #clear() {
    this.#field.value = '';
    this.#grow();
  }

  #grow() {
    this.#field.rows = Math.min(10, this.#field.value.split('\n').length);
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.#mentions.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'ArrowUp' && !this.#field.value) {
      const last = [...this.#log.querySelectorAll('.question')].at(-1);
      if (Number(last?.dataset.turn) >= 0) this.#change(Number(last.dataset.turn), last.querySelector('.said').textContent);
    }
  }

  #globalKey(event) {
    const act = { n: () => this.#fresh(), h: () => this.#history.toggle() }[event.altKey && event.key.toLowerCase()];
    if (act) {
      event.preventDefault();
      act();
    } else if (event.key === 'Escape' && this.#answer) {
      this.#halt();
    } else if (event.key === 'Escape' && this.#editing !== null) {
      this.#leaveEditing(true);
    }
  }
}

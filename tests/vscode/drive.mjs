// Drives the extension in a real VS Code as a person would, by keys and clicks, and writes what was seen: one JSON object a line with
// `check`, `want` and `got`, or `note` and `value`, and `done` at the end. The project is the one that tests/tests/vscode.rs writes.

import { appendFileSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { ADDRESS, PROJECT, REPORT, SHOTS, AGENTS, PLAYWRIGHT, CHROMIUM } = process.env;
const { chromium } = createRequire(import.meta.url)(PLAYWRIGHT);

const tell = (row) => appendFileSync(REPORT, `${JSON.stringify(row)}\n`);
const check = (check, want, got) => tell({ check, want, got });
const note = (note, value) => tell({ note, value });

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const browser = await chromium.launch({ executablePath: CHROMIUM, args: quiet });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(45000);
const asked = new Set();
page.on('request', (request) => asked.add(new URL(request.url()).host));

const shot = (name) => page.screenshot({ path: join(SHOTS, `${name}.png`) });
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const box = page.locator('.quick-input-widget:visible input');
const rows = page.locator('.quick-input-list .monaco-list-row');

/** Takes the row of an open list that has a text. */
async function row(text) {
  await page.keyboard.type(text);
  await rows.and(page.locator('.focused')).filter({ hasText: text.replace(/^>/, '') }).first().waitFor();
  await press('Enter');
}

/** Picks a row of a list; `more`: another list or field follows. */
async function pick(key, text, more = false) {
  await press(key);
  await box.waitFor();
  await row(text);
  if (more) await page.locator('.quick-input-titlebar:visible').waitFor();
  else await box.waitFor({ state: 'hidden' });
}

const run = (command, more) => pick('F1', command, more);

async function open(name) {
  await pick('Control+P', name);
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
  await page.locator('.editor-instance .view-lines').first().click();
}

/** To the end of a line, from 1. */
async function to(line) {
  await press('Control+G');
  await box.waitFor();
  await page.keyboard.type(String(line));
  await press('Enter');
  await box.waitFor({ state: 'hidden' });
  await press('End');
}

const spaces = (text) => text.replaceAll('\u00a0', ' ');

const ghosts = async () => spaces((await page.locator('.ghost-text-decoration, .ghost-text').allTextContents()).join(''));

/** Asks until the answer is good; the last one, if time is over. */
async function until(ask, good) {
  const end = Date.now() + 30000;
  for (;;) {
    const got = await ask();
    if (good(got) || Date.now() > end) return got;
    await page.waitForTimeout(50);
  }
}

/** Types the start of a line that the project has many of, and takes the rest in three ways. */
async function ghost(language, file) {
  await open(file);
  await to(2);
  await page.keyboard.type(language === 'rust' ? 'let counter = registry.' : 'const counter = registry.');
  const whole = 'counter("requests");';
  check(`${language}: ghost text`, whole, await until(ghosts, (text) => text === whole));
  await shot(`${language}-ghost`);
  await page.keyboard.type('cou');
  check(`${language}: typed through`, whole.slice(3), await until(ghosts, (text) => text === whole.slice(3)));
  await press('Control+ArrowRight');
  const rest = await until(ghosts, (text) => text !== '' && text.length < whole.length - 3);
  check(`${language}: a word was taken`, true, whole.endsWith(rest) && rest.length < whole.length - 3);
  await press('Tab');
  check(`${language}: the rest was taken`, '', await until(ghosts, (text) => text === ''));
  await press('Control+S');
}

/** What stands beside the text: decorations are no text of the page. */
const beside = () =>
  page.evaluate(() => [...document.querySelectorAll('.view-line [class*="ced-"]')].map((one) => getComputedStyle(one, '::after').content).join(' ')).then(spaces);

const difference = (title) => page.locator('.tab').filter({ hasText: title });

/** Asks for an edit of a line, and waits for its difference. */
async function edit(file, at, instruction) {
  await open(file);
  await to(at);
  await press('Control+Alt+E');
  await box.waitFor();
  await page.keyboard.type(instruction);
  await press('Enter');
  await difference(instruction).waitFor();
  await page.locator('.editor-instance .line-insert').first().waitFor();
}

function agents() {
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return found.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`).startsWith(AGENTS);
    } catch {
      return false;
    }
  });
}

/** What the disk holds, once it is what it should be. */
const saved = (file, want) => until(() => readFileSync(join(PROJECT, file), 'utf8'), (text) => text === want);

const toast = (text) => page.locator('.notification-list-item-message').filter({ hasText: text });
/** What tests/tests/vscode.rs writes. */
const NEXT = readFileSync(join(PROJECT, 'src/next.rs'), 'utf8');
const SUMS = readFileSync(join(PROJECT, 'src/sums.rs'), 'utf8');
const item = page.locator('[id*="nextline.status"]');

/** The agent runs and has read the project. */
const learnt = () => until(() => item.getAttribute('aria-label'), (label) => /[1-9]\d* files learnt/.test(label ?? ''));

const scenes = {
  async started() {
    await page.goto(`${ADDRESS}/?folder=${PROJECT}`);
    await item.waitFor();
    await learnt();
    check('one agent runs', 1, agents().length);
    check('the versions agree', 0, await toast('update the').count());
  },
  rust: () => ghost('rust', 'fresh.rs'),
  typescript: () => ghost('typescript', 'fresh.ts'),
  async next() {
    await open('next.rs');
    await to(2);
    await press('Home', 'Control+ArrowRight', 'Control+ArrowRight');
    await page.keyboard.type('er');
    check('a next edit: its hint', true, /↓ line 3: Tab/.test(await until(beside, (text) => text.includes('line 3'))));
    await shot('next-edit');
    await press('Tab');
    check('a next edit: jumped to', false, (await until(beside, (text) => !text.includes('line'))).includes('line'));
    await press('Tab');
    check('a next edit: taken, and the next one follows', true, /↓ line 4: Tab/.test(await until(beside, (text) => text.includes('line 4'))));
    await press('Escape');
    check('a next edit: dismissed', false, (await until(beside, (text) => !text.includes('line'))).includes('line'));
    await press('Control+S');
    const wanted = NEXT.replace('count =', 'counter =').replace('= count', '= counter');
    check('a next edit: what was taken is in the file, and no more', wanted, await saved('src/next.rs', wanted));
    // Tab is Tab again.
    await press('End', 'Tab', 'Control+S');
    const indented = wanted.replace('* 2;', '* 2;    ');
    check('a next edit: without one Tab indents', indented, await saved('src/next.rs', indented));
  },
  async keys() {
    await run('Nextline: Store a Key', true);
    const title = page.locator('.quick-input-title:visible');
    await page.keyboard.type('MOCK_KEY');
    await press('Enter');
    await title.filter({ hasText: 'MOCK_KEY' }).waitFor();
    await page.keyboard.type('a-key-for-tests');
    await press('Enter');
    await title.waitFor({ state: 'hidden' });
    await learnt();
    check('still one agent runs', 1, (await until(agents, (now) => now.length === 1)).length);
  },
  async snoozed() {
    // By clicks: a key that comes before an extension's list has its rows can get lost.
    const choice = (text) => rows.filter({ hasText: text }).first();
    await run('Nextline: Snooze', true);
    await choice('5 minutes').click();
    note('snoozed', await until(() => item.getAttribute('aria-label'), (label) => /snooze/i.test(label)));
    await item.click();
    await choice('End the Snooze').click();
    check('the snooze ended', false, /snooze/i.test(await until(() => item.getAttribute('aria-label'), (label) => !/snooze/i.test(label))));
  },
  async accepted() {
    await edit('sums.rs', 2, 'add up');
    await shot('edit-difference');
    await press('Control+Enter');
    await difference('add up').waitFor({ state: 'detached' });
    await open('sums.rs');
    await press('Control+S');
    const wanted = SUMS.replace('    2', '    1 * 2');
    check('an accepted edit is in the file', wanted, await saved('src/sums.rs', wanted));
    await press('Control+Z', 'Control+S');
    check('one undo takes it back', SUMS, await saved('src/sums.rs', SUMS));
    await press('Control+Shift+Z', 'Control+S');
    check('and one redo brings it', wanted, await saved('src/sums.rs', wanted));
  },
  async rejected() {
    await edit('sums.rs', 6, 'add nothing');
    await press('Control+Backspace');
    await difference('add nothing').waitFor({ state: 'detached' });
    await open('sums.rs');
    check('a rejected edit leaves the file', true, readFileSync(join(PROJECT, 'src/sums.rs'), 'utf8').includes('    3\n'));
    check('and nothing to save', 0, await page.locator('.tab.active.dirty').count());
  },
  async chat() {
    await run('Nextline: Open the Chat');
    const view = page.frameLocator('iframe.webview.ready').frameLocator('iframe');
    // Its models are there once it takes questions.
    await view.locator('select option').first().waitFor({ state: 'attached' });
    await view.locator('textarea').fill('How to add up? @sums.rs');
    // Enter would take the file that the mention offers, once that is there.
    await view.getByRole('button', { name: 'Send', exact: true }).click();
    const answer = view.locator('.answer');
    await answer.filter({ hasText: 'First part.' }).waitFor();
    check('an answer is shown while it comes', 'true', await answer.getAttribute('aria-busy'));
    await shot('chat-streams');
    // The scripted model waits for this file.
    writeFileSync(join(SHOTS, 'go-on'), '');
    await answer.filter({ hasText: 'Second part.' }).waitFor();
    await until(() => answer.getAttribute('aria-busy'), (busy) => busy === 'false');
    check('no image and no link of the model is made', [0, 0], [await answer.locator('img').count(), await answer.locator('script, iframe').count()]);
    await view.getByRole('button', { name: 'Apply …' }).click();
    check('the file that was mentioned is offered', 'sums.rs', await view.getByLabel('File to change').inputValue());
    await view.getByLabel('File to change').fill('src/sums.rs');
    await view.getByRole('button', { name: 'Apply', exact: true }).click();
    await view.getByRole('button', { name: 'Accept' }).click();
    await view.locator('.edit').filter({ hasText: 'Applied' }).waitFor();
    await shot('chat-applied');
    await open('sums.rs');
    await press('Control+S');
    check('a block of the chat is in the file', SUMS.replace('    2', '    1 + 1'), await saved('src/sums.rs', SUMS.replace('    2', '    1 + 1')));
  },
  async explained() {
    await open('sums.rs');
    await to(2);
    await run('Nextline: Explain This');
    const view = page.frameLocator('iframe.webview.ready').frameLocator('iframe');
    await view.locator('.question').filter({ hasText: 'Explain @src/sums.rs:2' }).waitFor();
    await until(() => view.locator('.answer').last().getAttribute('aria-busy'), (busy) => busy === 'false');
    check('an explanation came', true, (await view.locator('.answer').last().textContent()).includes('pub fn two'));
  },
  async excluded() {
    await open('.env');
    await press('Control+End');
    await page.keyboard.type('\nTOKEN=');
    const reason = rows.first();
    const ask = async () => {
      await press('Escape');
      await item.click();
      await box.waitFor();
      return reason.textContent();
    };
    note('why', await until(ask, (text) => /excluded/.test(text)));
    await shot('excluded');
    await press('Escape');
    await page.locator('.editor-instance .view-lines').first().click();
    await press('Control+Z', 'Control+Z', 'Control+S');
  },
  async killed() {
    await open('fresh.rs');
    await to(3);
    // Not saved: only the editor has it.
    await page.keyboard.type(' // kept');
    const before = agents();
    for (const pid of before) process.kill(Number(pid), 'SIGKILL');
    const after = await until(agents, (now) => now.length === 1 && !before.includes(now[0]));
    check('another agent runs', true, after.length === 1 && !before.includes(after[0]));
    await learnt();
    await press('Enter', 'Enter', 'Home');
    await page.keyboard.type('pub fn handle_last(registry: &mut Registry) -> Result<(), Error> {\n    let counter = registry.');
    const whole = 'counter("requests");';
    // The editor asks at a keystroke, and the new agent may not have been among those whom it asks yet.
    const shown = async () => {
      for (let look = 0; look < 40; look++) {
        const text = await ghosts();
        if (text === whole) return text;
        await page.waitForTimeout(50);
      }
      await press('Backspace');
      await page.keyboard.type('.');
      return '';
    };
    check('after a crash: ghost text', whole, await until(shown, (text) => text === whole));
    await press('Tab');
    await until(ghosts, (text) => text === '');
    await press('Control+S');
    await shot('after-a-crash');
  },
  async dark() {
    await run('Preferences: Toggle between Light/Dark Themes');
    await page.locator('.monaco-workbench.vs-dark').waitFor();
    await open('fresh.ts');
    await to(3);
    await press('Enter', 'Enter');
    await page.keyboard.type('export function handleDark(registry: Registry): void {\n    const counter = registry.');
    await until(ghosts, (text) => text !== '');
    await shot('dark');
    await press('Control+Z', 'Control+Z', 'Control+Z', 'Control+Z');
  },
  async activation() {
    await run('Developer: Show Running Extensions');
    const row = page.locator('.runtime-extensions-editor .monaco-list-row').filter({ hasText: 'Nextline' });
    await page.locator('.runtime-extensions-editor .monaco-list-row').first().hover();
    // The list goes by activation, and rows out of sight are not there.
    const seen = async () => (await row.count()) || page.mouse.wheel(0, 200);
    check('it is a running extension', 1, await until(seen, (found) => found === 1));
    note('activation', await row.locator('.activation-time').textContent());
  },
};

/** `SCENES=started,chat` plays only these. */
const wanted = process.env.SCENES?.split(',');
for (const [name, scene] of Object.entries(scenes)) {
  if (wanted && !wanted.includes(name)) continue;
  const began = Date.now();
  try {
    await scene();
  } catch (error) {
    await shot(`failed-${name}`).catch(() => {});
    check(`${name} comes to its end`, '', String(error.message).split('\n').slice(0, 3).join(' '));
  }
  note(`seconds of ${name}`, (Date.now() - began) / 1000);
}
note('hosts', [...asked]);
await browser.close();
tell({ done: true });

// Writes the settings of package.json from `nextline config schema`; with --check it fails when they are stale.
//
//     node editors/vscode/scripts/settings.mjs [--check] PATH/TO/nextline

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const MANIFEST = new URL('../package.json', import.meta.url);
const COMMAND = 'node editors/vscode/scripts/settings.mjs PATH/TO/nextline';

/** What a workspace may say beside the person: it narrows, or is a matter of taste. All else is the person's own. */
const OF_A_WORKSPACE = ['completion.enabled', 'completion.languages', 'completion.mode', 'completion.multiline', 'completion.off_globs', 'edit.lenses', 'next.enabled', 'policy.exclude'];

/** Of no use in an editor's settings: read before it says anything, or taken from the person's own file alone. */
const NOT_FROM_AN_EDITOR = ['process.shared', 'mcp'];

/** Of the extension, not of the agent. */
const OWN = {
  'nextline.agentPath': {
    type: 'string',
    default: '',
    scope: 'machine',
    description: "The agent's binary; empty for the one in this extension, else the one on the path.",
  },
};

function setting(key, { description, ...schema }) {
  return { ...schema, scope: OF_A_WORKSPACE.includes(key) ? 'window' : 'machine', markdownDescription: description };
}

/** In the order of the alphabet all the way down: that of the agent's maps is one of its build. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function settings(schema) {
  const found = { ...OWN };
  const add = (key, leaf) => {
    if (!NOT_FROM_AN_EDITOR.includes(key)) found[`nextline.${key}`] = setting(key, leaf);
  };
  for (const [section, table] of Object.entries(schema.properties)) {
    if (!table.properties) add(section, table);
    for (const [name, leaf] of Object.entries(table.properties ?? {})) add(`${section}.${name}`, leaf);
  }
  return found;
}

const check = process.argv.includes('--check');
const agent = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
if (!agent) throw new Error(COMMAND);
const schema = sorted(JSON.parse(execFileSync(agent, ['config', 'schema'], { encoding: 'utf8' })));
const before = readFileSync(MANIFEST, 'utf8');
const manifest = JSON.parse(before);
manifest.contributes.configuration = { title: 'Nextline', properties: settings(schema) };
const after = `${JSON.stringify(manifest, null, 2)}\n`;
if (!check) {
  writeFileSync(MANIFEST, after);
} else if (before !== after) {
  console.error(`the settings in editors/vscode/package.json are not those of the agent: ${COMMAND}`);
  process.exit(1);
}

// Bundles the extension and its page into dist/.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning' };

/** What the extension host loads; the library for LSP is apart, because VS Code waits for the first file. */
for (const name of ['extension', 'library']) {
  await build({
    ...shared,
    entryPoints: [here(`src/${name}.ts`)],
    outfile: here(`dist/${name}.js`),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', './library'],
    // The extension host resolves what is required, 'vscode' among it.
    supported: { 'dynamic-import': false },
    mainFields: ['module', 'main'],
  });
}
await build({ ...shared, entryPoints: [here('src/page/main.ts')], outfile: here('dist/page.js'), platform: 'browser', format: 'iife', target: 'es2022' });
const page = readFileSync(here('../../agent/src/serve/page/style.css'), 'utf8');
writeFileSync(here('dist/page.css'), page + readFileSync(here('src/page/editor.css'), 'utf8'));

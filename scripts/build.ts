/** Builds `dist/`: one program and the chunks that it loads when it needs them. */

import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const outdir = 'dist';

/** CommonJS dependencies ask for these; an ES module has to make them itself. */
const banner = [
  "import { createRequire as slipwayCreateRequire } from 'node:module';",
  'const require = slipwayCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

await rm(outdir, { recursive: true, force: true });
const result = await build({
  entryPoints: { slipway: 'src/cli/slipway.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  target: 'node24',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: 'none',
  metafile: true,
  // pg-native is an optional binding that nobody here has; tsx is loaded only for a TypeScript config.
  external: ['pg-native', 'tsx', 'tsx/*'],
  banner: { js: banner },
  logLevel: 'warning',
});

// The parser looks for its WASM beside the chunk that holds it.
const parser = dirname(require.resolve('libpg-query'));
await copyFile(join(parser, 'libpg-query.wasm'), join(outdir, 'chunks', 'libpg-query.wasm'));

const entry = join(outdir, 'slipway.mjs');
const text = await readFile(entry, 'utf8');
if (!text.startsWith('#!')) await writeFile(entry, `#!/usr/bin/env node\n${text}`, { mode: 0o755 });
await writeFile(join(outdir, 'meta.json'), JSON.stringify(result.metafile));

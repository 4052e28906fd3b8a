/** Builds `dist/`: the fast path as one file, and the full program that it loads when needed. */

import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const require = createRequire(import.meta.url);
const outdir = 'dist';

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  // pg-native is an optional binding that nobody here has; tsx reads only a TypeScript config file.
  external: ['pg-native', 'tsx', 'tsx/*'],
  logLevel: 'warning',
};

/** CommonJS dependencies ask for these; an ES module has to make them itself. */
const commonJsNames = [
  "import { createRequire as slipwayCreateRequire } from 'node:module';",
  'const require = slipwayCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

await rm(outdir, { recursive: true, force: true });

// CommonJS and one file: Node starts it in less time than an ES module. Its syntax is old enough
// for an old Node to read as far as the sentence that refuses it.
const fast = await build({
  ...common,
  entryPoints: { slipway: 'src/cli/slipway.ts' },
  outdir,
  format: 'cjs',
  target: 'node16',
  outExtension: { '.js': '.cjs' },
  banner: { js: '#!/usr/bin/env node' },
  plugins: [
    {
      name: 'full-program-apart',
      setup(plugin) {
        plugin.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({
          path: './full/main.mjs',
          external: true,
        }));
      },
    },
  ],
});
await chmod(join(outdir, 'slipway.cjs'), 0o755);

const full = await build({
  ...common,
  entryPoints: { main: 'src/cli/main.ts' },
  outdir: join(outdir, 'full'),
  format: 'esm',
  target: 'node24',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  banner: { js: commonJsNames },
});

// The parser looks for its WASM beside the chunk that holds it.
const parser = dirname(require.resolve('libpg-query'));
await copyFile(join(parser, 'libpg-query.wasm'), join(outdir, 'full', 'libpg-query.wasm'));

const version: unknown = JSON.parse(await readFile('package.json', 'utf8'));
await writeFile(
  join(outdir, 'meta.json'),
  JSON.stringify({ version, fast: fast.metafile, full: full.metafile }),
);
// Transition: the former name.
await writeFile(join(outdir, 'slipway.mjs'), "#!/usr/bin/env node\nimport './slipway.cjs';\n", {
  mode: 0o755,
});

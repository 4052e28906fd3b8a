/** Builds `dist/`: the fast path as one file, the full program that it loads when needed, and what projects import. */

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const require = createRequire(import.meta.url);
const FINISHED = 'dist';
/** Built beside and moved in place: whoever runs `dist` meanwhile has all of the old one. */
const outdir = `${FINISHED}.${process.pid}`;
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  // An optional binding that nobody here has.
  external: ['pg-native'],
  logLevel: 'warning',
};

/** CommonJS dependencies ask for these; an ES module has to make them itself. */
const commonJsNames = [
  "import { createRequire as slipwayCreateRequire } from 'node:module';",
  'const require = slipwayCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

// In a syntax that an old Node reads as far as the sentence that refuses it.
await build({
  ...common,
  entryPoints: { slipway: 'src/cli/slipway.ts' },
  outdir,
  format: 'cjs',
  target: 'node16',
  outExtension: { '.js': '.cjs' },
  banner: { js: '#!/usr/bin/env node' },
  plugins: [apart(/^\.\/main\.ts$/, './full/main.mjs')],
});
await chmod(join(outdir, 'slipway.cjs'), 0o755);

// CommonJS and one file: Node starts it in less time than an ES module.
const fast = await build({
  ...common,
  entryPoints: { fast: 'src/cli/fast.ts' },
  outdir,
  format: 'cjs',
  target: 'node24',
  outExtension: { '.js': '.cjs' },
  // Config files that are programs are left to the full program (cli/fast-path.ts).
  plugins: [apart(/\/typescript\/import\.ts$/, './full/import.mjs')],
});

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

// CommonJS, which projects of both kinds can import.
await build({
  ...common,
  entryPoints: { index: 'src/index.ts' },
  outdir,
  format: 'cjs',
  target: 'node24',
  minify: false,
  outExtension: { '.js': '.cjs' },
});
const typescript = dirname(require.resolve('typescript/package.json'));
await node([
  join(typescript, 'bin', 'tsc'),
  '-p',
  'scripts/tsconfig.types.json',
  '--outDir',
  join(outdir, 'types'),
]);
await writeFile(join(outdir, 'types', 'package.json'), '{ "type": "commonjs" }\n');

await writeFile(
  join(outdir, 'meta.json'),
  JSON.stringify({ outputs: { ...fast.metafile?.outputs, ...full.metafile?.outputs } }).replaceAll(
    `${outdir}/`,
    `${FINISHED}/`,
  ),
);

await writeCodeCache();
await rm(`${outdir}.old`, { recursive: true, force: true });
await rename(FINISHED, `${outdir}.old`).catch(() => undefined);
await rename(outdir, FINISHED);
await rm(`${outdir}.old`, { recursive: true, force: true });

/** Leaves a module out of a file: it is loaded from `path` when it is needed. */
function apart(filter: RegExp, path: string): Plugin {
  return {
    name: 'apart',
    setup(plugin) {
      plugin.onResolve({ filter }, () => ({ path, external: true }));
    },
  };
}

/** Compiles the fast path ahead. Where the image has another Node, V8 passes it over. */
async function writeCodeCache(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-build-'));
  try {
    const migrations = join(folder, 'migrations');
    const bundle = join(folder, 'release.bundle');
    await mkdir(migrations);
    const program = join(outdir, 'slipway.cjs');
    await node([program, 'build', '--dir', migrations, '--out', bundle]);
    const file = join(outdir, 'fast.cjs');
    const cache = join(outdir, 'fast.cache');
    await node(['scripts/write-code-cache.ts', file, cache, bundle]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function node(args: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [...args], {
    // The cache must be made with the flags that the program will run with: none.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
}

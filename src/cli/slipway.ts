/**
 * The first lines that run: refuses a Node that is too old with one clear sentence, takes the fast
 * path from the code that V8 compiled at build time, and loads the full program where that ends.
 */

import { join } from 'node:path';
import { compileModule, readCache, runModule } from './code-cache.ts';

const OLDEST_NODE = 24;

async function run(): Promise<void> {
  const file = join(__dirname, 'fast.cjs');
  const fast = runModule(compileModule(file, readCache(join(__dirname, 'fast.cache'))), file);
  // What `fast.ts` exports; it is built beside this file.
  const { start } = fast as typeof import('./fast.ts');
  const rest = await start();
  if (rest === undefined) return;
  const { main } = await import('./main.ts');
  await main(rest.handover);
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `SLIPWAY_NODE_TOO_OLD (exit 10): slipway needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}\n`,
  );
  process.exit(10);
}
void run();

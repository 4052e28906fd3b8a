/**
 * Writes what V8 compiled of the fast path: runs it as a pod would, against a port where nobody
 * listens, and keeps the code. Called by `build.ts` in a process of its own.
 */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileModule, runModule } from '../src/cli/code-cache.ts';

const [file = '', cache = '', bundle = ''] = process.argv.slice(2).map((path) => resolve(path));
process.argv = [process.execPath, file, 'upgrade', '--bundle', bundle, '--connect-timeout', '0s'];
process.argv.push('--url', 'postgresql://nobody@127.0.0.1:1/nothing?sslmode=disable');
const script = compileModule(file, undefined);
process.on('exit', () => {
  writeFileSync(cache, script.createCachedData());
  process.exitCode = 0;
});
// What `src/cli/fast.ts` exports.
const { start } = runModule(script, file) as typeof import('../src/cli/fast.ts');
await start();

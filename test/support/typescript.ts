/** Projects with TypeScript revisions, and what happens when they are loaded. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Probe } from './typescript-probe.ts';

/** A folder of files that goes away with its scope. */
export interface Folder extends Disposable {
  readonly root: string;
  /** Writes a file and returns its path. */
  put(name: string, content: string): string;
}

/** A project whose modules are of `type`; without one it has no package.json. */
export function typescriptProject(type?: 'module' | 'commonjs'): Folder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-ts-')));
  const put = (name: string, content: string): string => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  if (type !== undefined) put('package.json', JSON.stringify({ type }));
  return { root, put, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Loads a file in a process of its own, working in `cwd`; a revision's functions are called. */
export async function probe(
  action: 'load' | 'compile' | 'config',
  file: string,
  cwd: string = dirname(file),
): Promise<Probe> {
  const script = resolve('test/support/typescript-probe.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, action, file], { cwd });
  return JSON.parse(stdout) as Probe; // what the script prints
}

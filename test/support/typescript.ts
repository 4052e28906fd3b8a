/** Projects with TypeScript revisions, and a database for their functions that only writes down. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RevisionDatabase, RevisionProgram } from '../../src/core/program.ts';

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

/** A statement, and where in the revision's file it was asked for. */
export interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly at: ReturnType<RevisionProgram['locate']>;
}

/** A database that answers nothing and keeps what it was asked. */
export function recordingDatabase(program: RevisionProgram): {
  readonly db: RevisionDatabase;
  readonly asked: readonly Asked[];
} {
  const asked: Asked[] = [];
  return {
    asked,
    db: {
      async query(text, values = []) {
        asked.push({ text, values, at: program.locate(new Error().stack ?? '') });
        return { rows: [], rowCount: null };
      },
    },
  };
}

/**
 * Loads a revision and calls its functions, in a process without vitest, whose own source maps take
 * the place of Node's. `node typescript-probe.ts load|compile FILE` prints a `Probe` as JSON.
 */

import { readConfigFile } from '../../src/config/file.ts';
import type { RevisionProgram } from '../../src/core/program.ts';
import { compileRevision } from '../../src/typescript/compile.ts';
import { loadCompiled } from '../../src/typescript/compiled.ts';
import { loadRevision } from '../../src/typescript/load.ts';

type Place = ReturnType<RevisionProgram['locate']>;

/** What came of it. */
export interface Probe {
  /** The statements of `up`, and where in the revision's file they were asked for. */
  readonly asked: readonly {
    readonly text: string;
    readonly values: readonly unknown[];
    readonly at?: Place;
  }[];
  /** What `up` threw, and where. */
  readonly thrown?: { readonly message: string; readonly at?: Place };
  readonly verified?: boolean | undefined;
  /** Why it could not be loaded. */
  readonly refused?: string;
  /** For `config`: what the file says. */
  readonly values?: unknown;
}

const [action, file = ''] = process.argv.slice(2);

async function loadProgram(): Promise<RevisionProgram> {
  if (action === 'load') return (await loadRevision(file)).program;
  return loadCompiled(await compileRevision(file), file);
}

async function probe(): Promise<Probe> {
  if (action === 'config') return { asked: [], values: (await readConfigFile(file)).values };
  const program = await loadProgram();
  const asked: Probe['asked'][number][] = [];
  const db = {
    query: async (text: string, values: readonly unknown[] = []) => {
      asked.push({ text, values, at: program.locate(new Error().stack ?? '') });
      return { rows: [], rowCount: null };
    },
  };
  const thrown = await program.up(db).then(
    () => undefined,
    ({ message, stack }: Error) => ({ message, at: program.locate(stack ?? '') }),
  );
  const verified = await program.verify?.(db);
  return { asked, ...(thrown && { thrown }), verified };
}

console.log(
  JSON.stringify(await probe().catch((error: Error) => ({ asked: [], refused: error.message }))),
);

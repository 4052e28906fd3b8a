/** What slipway adds to an image: the size of the built program, file by file. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { judge, PROGRAM_SIZE_BUDGET, unmeasured } from '../budgets.ts';
import { messageOf } from '../pairs.ts';
import type { ProgramFile, SuiteResult } from '../report.ts';

/** esbuild's account of the build, which no run reads. */
const METAFILE = 'meta.json';

/** Where the code of chunks comes from that a run in a pod never loads. */
const SET_APART =
  /(^|\/)(node_modules\/(libpg-query|pgsql-deparser)|src\/(authoring|lint|rehearsal|schema))\//;

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Inputs }>>;
}

type Inputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;

/** Adds up the built program in `dist`: all of it but the parser and the authoring chunks. */
export async function measureProgramSize(dist: string): Promise<SuiteResult> {
  try {
    const program = await programFiles(dist);
    const counted = sum(program.filter((file) => file.counted).map((file) => file.bytes));
    const everything = sum(program.map((file) => file.bytes)) / 1024 ** 2;
    return {
      rows: [],
      program,
      verdicts: [
        judge(PROGRAM_SIZE_BUDGET, counted, `with everything ${everything.toFixed(2)} MiB`),
      ],
      failures: [],
    };
  } catch (error) {
    return {
      rows: [],
      verdicts: [unmeasured(PROGRAM_SIZE_BUDGET, 'it is not built')],
      failures: [`program size: ${messageOf(error)}`],
    };
  }
}

async function programFiles(dist: string): Promise<readonly ProgramFile[]> {
  const metafile: Metafile = JSON.parse(await readFile(join(dist, METAFILE), 'utf8'));
  const inputs = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [
      path.slice(path.indexOf('/') + 1),
      output.inputs,
    ]),
  );
  const files: ProgramFile[] = [];
  for (const name of await readdir(dist, { recursive: true })) {
    const entry = await stat(join(dist, name));
    // A source map is for whoever debugs, not for an image.
    if (!entry.isFile() || name === METAFILE || name.endsWith('.map')) continue;
    const counted = !name.endsWith('.wasm') && !isSetApart(inputs.get(name) ?? {});
    files.push({ name, bytes: entry.size, counted });
  }
  return files.sort((a, b) => b.bytes - a.bytes);
}

/** Whether most of a chunk is code that is set apart; the rest is what the bundler put beside it. */
function isSetApart(inputs: Inputs): boolean {
  const bytes = Object.entries(inputs).map(([path, { bytesInOutput }]) => ({
    apart: SET_APART.test(path),
    bytesInOutput,
  }));
  const apart = sum(bytes.filter((input) => input.apart).map((input) => input.bytesInOutput));
  return apart > sum(bytes.map((input) => input.bytesInOutput)) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

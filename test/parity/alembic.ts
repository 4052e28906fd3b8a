/** Asks the real Alembic, where this machine has it, and keeps its answers in `answers.jsonl`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type AnsweredCase, fromLine, type RawAnswer, toLine } from './answers.ts';
import { batchesOf } from './cases.ts';
import { GRAPHS, type ParityGraph } from './graphs.ts';

/** Debian's Python, for which Debian packages Alembic. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'alembic_answers.py');

/** Where the recorded answers are: a line that names the version, then a line for each graph. */
export const RECORDING = join(import.meta.dirname, 'answers.jsonl');

/** The version of Alembic that is installed here; undefined where none is. */
export async function installedAlembic(): Promise<string | undefined> {
  if (!existsSync(PYTHON)) return undefined;
  const { output, code } = await python(['-c', 'import alembic; print(alembic.__version__)'], '');
  return code === 0 ? output.trim() : undefined;
}

/** The recording as it would be written now. */
export async function askAlembic(): Promise<string> {
  const questions = GRAPHS.map((graph) => ({ ...graph, batches: batchesOf(graph) }));
  const { output, code } = await python([SCRIPT], JSON.stringify(questions));
  if (code !== 0) throw new Error(`alembic_answers.py ended with exit code ${code}`);
  const [version = '', ...lines] = output.trimEnd().split('\n');
  const answers = questions.map(({ batches, ...graph }, index) => {
    // The script's own output, whose shape it documents.
    const raw = JSON.parse(lines[index] ?? '[]') as readonly (readonly RawAnswer[])[];
    return toLine(graph, batches, raw);
  });
  return `${[version, ...answers].join('\n')}\n`;
}

/** The recorded answers. */
export function readRecording(): {
  readonly version: string;
  casesOf(graph: ParityGraph): readonly AnsweredCase[];
} {
  const [first = '{}', ...lines] = readFileSync(RECORDING, 'utf8').trimEnd().split('\n');
  const { alembic } = JSON.parse(first) as { readonly alembic: string };
  return {
    version: alembic,
    casesOf(graph) {
      const line = lines.find((each) => each.startsWith(`{"graph":${JSON.stringify(graph.name)},`));
      if (line === undefined) throw new Error(`"${graph.name}" is not recorded`);
      return fromLine(line, graph, batchesOf(graph));
    },
  };
}

async function python(
  args: readonly string[],
  input: string,
): Promise<{ readonly output: string; readonly code: number | null }> {
  // Alembic keeps revisions in sets, whose order follows from this seed.
  const env = { PYTHONHASHSEED: '0', SQLALCHEMY_SILENCE_UBER_WARNING: '1' };
  const child = spawn(PYTHON, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed: Promise<unknown[]> = once(child, 'close');
  child.stdin.end(input);
  const output = await text(child.stdout);
  const [code] = await closed;
  return { output, code: typeof code === 'number' ? code : null };
}

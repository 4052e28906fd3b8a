/** Runs pg_dump into a destination, counting and hashing what goes by, and verifies what arrived. */

import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { missingFrom } from './archive.ts';
import { type Child, startChild } from './child.ts';
import type { Destination } from './destination.ts';
import type { DumpPrograms } from './programs.ts';

/** A table or sequence by name. */
export interface Dumped {
  readonly schema: string;
  readonly name: string;
  readonly hasRows: boolean;
}

export interface DumpOptions {
  readonly programs: DumpPrograms;
  /** How to connect; nothing else that is secret. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined: the whole database. */
  readonly relations: readonly Dumped[] | undefined;
  readonly role: string | undefined;
  /** How long it may wait for its locks, which only conflict with `access exclusive`. */
  readonly lockTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called now and then with the bytes so far. */
  readonly onProgress: (bytes: number) => void;
}

export interface Dump {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A dump that was not made. `locked`: a table was locked by somebody for too long. */
export class DumpFailure extends Error {
  readonly kind: 'locked' | 'stopped' | 'failed';
  constructor(kind: DumpFailure['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DumpFailure';
    this.kind = kind;
  }
}

/** How often progress is looked at. */
const LOOK_MS = 1000;

/**
 * Makes a dump in one snapshot and verifies it. When it throws, the destination is left as before.
 * @throws DumpFailure
 */
export async function dumpInto(destination: Destination, options: DumpOptions): Promise<Dump> {
  try {
    return await attempt(destination, options);
  } catch (error) {
    await destination.abandon();
    if (error instanceof DumpFailure) throw error;
    if (options.signal.aborted) throw new DumpFailure('stopped', 'told to stop', error);
    const trouble = await Promise.race([destination.trouble(), pause(LOOK_MS, undefined)]);
    throw new DumpFailure('failed', trouble ?? (error as Error).message, error);
  }
}

async function attempt(destination: Destination, options: DumpOptions): Promise<Dump> {
  const { programs, env, relations, signal } = options;
  const dump = startChild(programs.dump, argumentsOf(options), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const onAbort = (): void => {
    void dump.stop();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await pump(dump, destination, options);
    const trouble = await dump.ended;
    if (signal.aborted) throw new DumpFailure('stopped', 'told to stop');
    if (trouble !== undefined) throw failureOf(programs, trouble, dump.said());
    if (answer.bytes === 0) throw new DumpFailure('failed', `${programs.title} wrote nothing`);
    await destination.keep(async (file) => {
      if (file === undefined) return;
      const missing = await missingFrom(programs.restore, file, relations ?? []);
      if (missing === undefined) return;
      throw new DumpFailure('failed', missing);
    });
    return answer;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await dump.stop();
  }
}

async function pump(
  dump: Child,
  destination: Destination,
  { onProgress }: DumpOptions,
): Promise<Dump> {
  const hash = createHash('sha256');
  let bytes = 0;
  const timer = setInterval(() => onProgress(bytes), LOOK_MS);
  try {
    if (dump.output === null) throw new Error('a pipe from pg_dump was asked for');
    for await (const chunk of dump.output as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await destination.write(chunk);
      bytes += chunk.length;
    }
  } finally {
    clearInterval(timer);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** More would not fit into what the system takes as arguments of a program. */
const MOST_ARGUMENT_BYTES = 1_000_000;

/** Whether so many names can be given to pg_dump. */
export function fitsArguments(relations: readonly Dumped[]): boolean {
  const bytes = relations.map((each) => Buffer.byteLength(pattern(each)) + 10);
  return bytes.reduce((sum, each) => sum + each, 0) < MOST_ARGUMENT_BYTES;
}

function argumentsOf({ relations, role, lockTimeoutMs }: DumpOptions): readonly string[] {
  return [
    '--format=custom',
    '--no-password',
    ...(lockTimeoutMs > 0 ? [`--lock-wait-timeout=${Math.round(lockTimeoutMs)}`] : []),
    ...(role === undefined ? [] : [`--role=${role}`]),
    ...(relations === undefined
      ? []
      : ['--strict-names', ...relations.map((each) => `--table=${pattern(each)}`)]),
  ];
}

/** In quotes every character stands for itself. */
function pattern({ schema, name }: Dumped): string {
  return [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** The statement is pg_dump's own, whatever language the server speaks. */
const LOCKING = /query was: lock table/i;

function failureOf({ title }: DumpPrograms, trouble: string, said: string): DumpFailure {
  const lines = said.split('\n').map((line) => line.replace(/^pg_dump: (error: )?/, ''));
  const why = lines.slice(0, 3).join('; ');
  return new DumpFailure(
    LOCKING.test(said) ? 'locked' : 'failed',
    `${title} failed (${trouble})${why === '' ? '' : `: ${why}`}`,
  );
}

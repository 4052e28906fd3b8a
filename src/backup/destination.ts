/** Where a dump goes: a file that appears once it is whole, a command, or standard output. */

import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { startChild } from './child.ts';

/** Takes a dump. */
export interface Destination {
  /** Resolves when it is taken over. */
  write(chunk: Buffer): Promise<void>;
  /** What is wrong with it, where it ended before its time. */
  trouble(): Promise<string | undefined>;
  /** All bytes are written: makes them last. Throws where that fails; `abandon` follows then. */
  keep(verify: (file: string | undefined) => Promise<void>): Promise<void>;
  /** Leaves nothing behind, as far as that can be done. */
  abandon(): Promise<void>;
}

/** Only its owner may read what was in the database. */
const OWNER_ONLY = 0o600;

/** A file; until it is verified and on disk it has another name. */
export async function fileDestination(path: string): Promise<Destination> {
  const partial = `${path}.partial`;
  const handle = await open(partial, 'wx', OWNER_ONLY);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    async write(chunk) {
      for (let start = 0; start < chunk.length; ) {
        start += (await handle.write(chunk, start)).bytesWritten;
      }
    },
    trouble: async () => undefined,
    async keep(verify) {
      await handle.sync();
      await close();
      await verify(partial);
      await rename(partial, path);
      await syncFolder(dirname(path));
    },
    async abandon() {
      await close().catch(() => undefined);
      await rm(partial, { force: true }).catch(() => undefined);
    },
  };
}

/** The name lasts no longer than the folder's own entry. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some network file systems cannot do that with a folder.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}

/** Whether a file of this name, or a part of one, is there. */
export async function isTaken(path: string): Promise<boolean> {
  const found = await Promise.all(
    [path, `${path}.partial`].map((each) => stat(each).catch(() => undefined)),
  );
  return found.some((each) => each !== undefined);
}

/** A shell command that reads the dump; what it says is kept for the error. */
export function commandDestination(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Destination {
  const child = startChild('/bin/sh', ['-c', command], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { input } = child;
  if (input === null) throw new Error('a pipe to the backup command was asked for');
  // What becomes of a broken pipe is told by how the command ended.
  input.on('error', () => undefined);
  const failure = async (): Promise<string | undefined> => {
    const trouble = await child.ended;
    if (trouble === undefined) return undefined;
    const [last] = child.said().split('\n').slice(-1);
    return `the backup command failed (${trouble})${last ? `: ${last}` : ''}`;
  };
  return {
    write: (chunk) => writeInto(input, chunk),
    trouble: async () =>
      input.destroyed ? ((await failure()) ?? 'the backup command did not read it all') : undefined,
    async keep() {
      input.end();
      const trouble = await failure();
      if (trouble !== undefined) throw new Error(trouble);
      if (!input.writableFinished) throw new Error('the backup command did not read it all');
    },
    async abandon() {
      // Before its input ends: half a dump must not look like all of it to an upload.
      await child.stop();
      input.destroy();
    },
  };
}

/** Standard output, for a pipe or a file that somebody else has opened. */
export function outputDestination(): Destination {
  const sink = createWriteStream('', { fd: 1, autoClose: false });
  return {
    write: (chunk) => writeInto(sink, chunk),
    trouble: async () => undefined,
    async keep() {
      sink.end();
      await finished(sink);
    },
    abandon: async () => {
      sink.destroy();
    },
  };
}

function writeInto(sink: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

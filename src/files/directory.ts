/** A folder of revision files as the release. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareScript } from '../analysis/script.ts';
import { RevisionFileError } from '../core/errors.ts';
import { buildGraph, compareText, type Graph } from '../core/graph.ts';
import { identityOf } from '../core/release.ts';
import type { Revision, Script } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';

/** How many files are read at once: enough to keep the disk busy, few enough for any ulimit. */
const FILES_AT_ONCE = 64;

/**
 * The release that the files of `directory` make up. Everything is read once, at the first
 * question.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_FILE_MALFORMED`
 */
export function directoryRelease(directory: string): Release {
  let graph: Promise<Graph<Revision>> | undefined;
  const scripts = new Map<string, Promise<Script>>();
  const load = (): Promise<Graph<Revision>> => {
    graph ??= readRevisions(directory).then(buildGraph);
    return graph;
  };
  return {
    identity: async () => identityOf(await load()),
    graph: load,
    script(revision, section) {
      const key = `${section} ${revision.id}`;
      const known = scripts.get(key);
      if (known !== undefined) return known;
      // Asked for before the lock, and again under it.
      const part = revision[section];
      const script =
        part === undefined ? Promise.resolve(NO_STATEMENTS) : prepareScript(revision, part);
      scripts.set(key, script);
      return script;
    },
  };
}

const NO_STATEMENTS: Script = { statements: [], parsed: true };

/** Reads every `*.sql` file of the folder. */
export async function readRevisions(directory: string): Promise<readonly Revision[]> {
  const names = (await listFolder(directory)).filter(isRevisionFile);
  names.sort(compareText);
  const revisions: Revision[] = [];
  for (let start = 0; start < names.length; start += FILES_AT_ONCE) {
    const group = names.slice(start, start + FILES_AT_ONCE);
    revisions.push(
      ...(await Promise.all(group.map((name) => readRevision(join(directory, name))))),
    );
  }
  return revisions;
}

/** Hidden files are nobody's revisions: editors and archives of other systems leave them behind. */
function isRevisionFile(name: string): boolean {
  return name.endsWith('.sql') && !name.startsWith('.');
}

async function readRevision(file: string): Promise<Revision> {
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (error) {
    throw unreadable(file, error, 'Check that the file may be read.');
  }
  return parseRevisionFile(content, file);
}

async function listFolder(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw unreadable(
      directory,
      error,
      'slipway init makes the folder; --dir (SLIPWAY_DIR) names another one.',
    );
  }
}

function unreadable(path: string, error: unknown, hint: string): RevisionFileError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? 'it does not exist'
      : code === 'EACCES'
        ? 'permission denied'
        : (code ?? '');
  return new RevisionFileError('SLIPWAY_FILE_UNREADABLE', `cannot read ${path}: ${why}`, {
    hint,
    cause: error,
    details: { file: path },
  });
}

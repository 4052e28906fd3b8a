/** A folder of revision files as the release. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareScript } from '../analysis/script.ts';
import type { RevisionFolder, UnreadableFile } from '../authoring/ports.ts';
import { RevisionFileError, SlipwayError } from '../core/errors.ts';
import { buildGraph, compareText, type Graph } from '../core/graph.ts';
import type { RevisionProgram } from '../core/program.ts';
import { identityOf } from '../core/release.ts';
import { languageOf, type Revision, type RevisionId, type Script } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';

/** How many files are read at once: enough to keep the disk busy, few enough for any ulimit. */
export const FILES_AT_ONCE = 64;

/**
 * The release that the files of `directory` make up. Everything is read once, at the first
 * question.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_FILE_MALFORMED`
 */
export function directoryRelease(directory: string): Release {
  let loaded: Promise<LoadedFolder> | undefined;
  const scripts = new Map<string, Promise<Script>>();
  const load = (): Promise<LoadedFolder> => {
    loaded ??= loadFolder(directory);
    return loaded;
  };
  return {
    identity: async () => identityOf((await load()).graph),
    graph: async () => (await load()).graph,
    program: async (revision) => (await load()).programs.get(revision.id),
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

interface LoadedFolder {
  readonly graph: Graph<Revision>;
  readonly programs: Programs;
}

/** The functions of the revisions in TypeScript. */
type Programs = ReadonlyMap<RevisionId, RevisionProgram>;

async function loadFolder(directory: string): Promise<LoadedFolder> {
  const { revisions, unreadable, programs } = await readFolder(directory);
  const [first] = unreadable;
  if (first !== undefined) throw first.error;
  return { graph: buildGraph(revisions), programs };
}

/**
 * Reads every revision file of the folder, in SQL or TypeScript.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_FILE_MALFORMED`
 */
export async function readRevisions(directory: string): Promise<readonly Revision[]> {
  const { revisions, unreadable } = await readFolder(directory);
  const [first] = unreadable;
  if (first !== undefined) throw first.error;
  return revisions;
}

/**
 * Reads every revision file of the folder, and goes on where one cannot be read.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE` for the folder itself
 */
export async function readFolder(
  directory: string,
): Promise<RevisionFolder & { readonly programs: Programs }> {
  const listed = (await listFolder(directory)).filter((name) => !name.startsWith('.'));
  const names = listed.filter(isRevisionFile).sort(compareText);
  const revisions: Revision[] = [];
  const unreadable: UnreadableFile[] = [];
  const programs = new Map<RevisionId, RevisionProgram>();
  for (let start = 0; start < names.length; start += FILES_AT_ONCE) {
    const group = names.slice(start, start + FILES_AT_ONCE);
    const read = await Promise.all(group.map((name) => tryRevision(join(directory, name))));
    for (const each of read) {
      if ('error' in each) {
        unreadable.push(each);
        continue;
      }
      revisions.push(each.revision);
      if (each.program !== undefined) programs.set(each.revision.id, each.program);
    }
  }
  const others = listed.filter((name) => !isRevisionFile(name)).sort(compareText);
  const passedOver = others.map((name) => join(directory, name));
  return { revisions, unreadable, passedOver, programs };
}

interface LoadedFile {
  readonly revision: Revision;
  readonly program?: RevisionProgram;
}

async function tryRevision(file: string): Promise<LoadedFile | UnreadableFile> {
  try {
    return await readRevision(file);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const text = await readFile(file, 'utf8').catch(() => '');
    return { file, text, error };
  }
}

/**
 * The paths of the revision files of the folder, in order.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`
 */
export async function listRevisionFiles(directory: string): Promise<readonly string[]> {
  const names = (await listFolder(directory)).filter(isRevisionFile).sort(compareText);
  return names.map((name) => join(directory, name));
}

/** Hidden files are nobody's revisions: editors and archives of other systems leave them behind. */
export function isRevisionFile(name: string): boolean {
  return /(\.sql|(?<!\.d)\.ts)$/.test(name) && !name.startsWith('.');
}

async function readRevision(file: string): Promise<LoadedFile> {
  if (languageOf(file) === 'typescript') {
    const { loadRevision } = await import('../typescript/load.ts');
    return loadRevision(file);
  }
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (error) {
    throw unreadable(file, error, 'Check that the file may be read.');
  }
  return { revision: parseRevisionFile(content, file) };
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

/** The error for a file or folder that cannot be read. */
export function unreadable(path: string, error: unknown, hint: string): RevisionFileError {
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

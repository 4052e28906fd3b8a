/** The revision files of an earlier commit, read with git. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { PublishedFile, PublishedFiles } from '../authoring/ports.ts';
import { UsageError } from '../core/errors.ts';
import { isRevisionFile } from './directory.ts';

type Environment = { readonly [name: string]: string | undefined };

/**
 * The revision files in `directory` as they were where the work of today left the history of `ref`:
 * what was added to `ref` since is no business of this checkout.
 * @throws UsageError `SLIPWAY_GIT_FAILED`
 */
export async function publishedFiles(
  directory: string,
  ref: string,
  env: Environment,
): Promise<PublishedFiles> {
  const git = gitIn(directory, env);
  const tip = await commitOf(git, ref);
  const fork = await git(['merge-base', tip, 'HEAD']);
  if (fork.code !== 0) throw fork.said === '' ? noCommonCommit(ref) : failed(fork.said);
  return { ref, files: await filesIn(git, fork.output.toString().trim(), directory) };
}

/**
 * The revision files in `directory` as they are in the commit `ref`.
 * @throws UsageError `SLIPWAY_GIT_FAILED`
 */
export async function filesAt(
  directory: string,
  ref: string,
  env: Environment,
): Promise<readonly PublishedFile[]> {
  const git = gitIn(directory, env);
  return filesIn(git, await commitOf(git, ref), directory);
}

type Git = ReturnType<typeof gitIn>;

async function commitOf(git: Git, ref: string): Promise<string> {
  if (ref === '' || ref.startsWith('-')) throw unknownRef(ref);
  const tip = await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
  if (tip.code !== 0) throw tip.said === '' ? unknownRef(ref) : failed(tip.said);
  return tip.output.toString().trim();
}

async function filesIn(
  git: Git,
  commit: string,
  directory: string,
): Promise<readonly PublishedFile[]> {
  const tree = await git(['ls-tree', '-z', commit]);
  if (tree.code !== 0) throw failed(tree.said);
  const entries = entriesOf(tree.output.toString());
  const blobs = await git(['cat-file', '--batch'], entries.map(({ id }) => `${id}\n`).join(''));
  if (blobs.code !== 0) throw failed(blobs.said);
  return contentsOf(blobs.output, entries, directory);
}

interface Entry {
  readonly id: string;
  readonly name: string;
}

/** `<mode> blob <id>\t<name>\0`: the folder's own files, not those of its folders. */
function entriesOf(listing: string): readonly Entry[] {
  return listing.split('\0').flatMap((line) => {
    const [, id, name] = /^\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
    return id === undefined || name === undefined || !isRevisionFile(name) ? [] : [{ id, name }];
  });
}

/** `<id> blob <size>\n<content>\n`, in the order of the entries. */
function contentsOf(
  output: Buffer,
  entries: readonly Entry[],
  directory: string,
): readonly PublishedFile[] {
  let at = 0;
  return entries.map(({ name }) => {
    const end = output.indexOf('\n', at);
    const header = output.subarray(at, end).toString();
    const size = Number(header.split(' ')[2]);
    if (!Number.isInteger(size)) throw failed(`it has not the content of ${name} (${header})`);
    const content = output.subarray(end + 1, end + 1 + size);
    at = end + size + 2;
    return { file: join(directory, name), content };
  });
}

interface Answer {
  readonly code: number | null;
  readonly output: Buffer;
  /** The first line of what git complains about. */
  readonly said: string;
}

function gitIn(directory: string, env: Environment) {
  // Inside a hook git names its own repository in variables, which hold for another folder.
  const own = Object.entries(env).filter(
    ([name]) => !/^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX)$/.test(name),
  );
  return (args: readonly string[], input = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const child = spawn('git', args, {
        cwd: directory,
        env: { ...Object.fromEntries(own), LC_ALL: 'C' },
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      const complaint = text(child.stderr);
      child.once('error', (error) => reject(notInstalled(error)));
      child.once('close', async (code) => {
        const [said = ''] = (await complaint).trim().split('\n');
        resolve({ code, output: Buffer.concat(chunks), said });
      });
      // Git may end before it has read everything; its exit code says why.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
}

function notInstalled(cause: Error): UsageError {
  return new UsageError('SLIPWAY_GIT_FAILED', 'git cannot be started', {
    hint: 'Install git, or leave --base and --changed-since out: everything else is checked without it.',
    cause,
  });
}

function unknownRef(ref: string): UsageError {
  return new UsageError('SLIPWAY_GIT_FAILED', `git does not know the ref "${ref}"`, {
    hint: 'Fetch it first (git fetch origin main; with actions/checkout, fetch-depth: 0), or correct the name.',
    details: { ref },
  });
}

function noCommonCommit(ref: string): UsageError {
  return new UsageError('SLIPWAY_GIT_FAILED', `git finds no common commit of HEAD and "${ref}"`, {
    hint: 'A shallow clone has too little history: git fetch --unshallow, or fetch-depth: 0 with actions/checkout.',
    details: { ref },
  });
}

function failed(said: string): UsageError {
  return new UsageError(
    'SLIPWAY_GIT_FAILED',
    `git failed: ${said.replace(/^(?:fatal|error): /, '')}`,
    {
      hint: 'Run it inside the repository; in a container git may need: git config --global --add safe.directory FOLDER.',
    },
  );
}

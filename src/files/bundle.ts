/**
 * The release bundle: revisions, their statements and facts, and the release's identity in one
 * file. The first line is enough to see that there is nothing to do; the rest is read when needed.
 */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { RevisionFileError } from '../core/errors.ts';
import { buildGraph, type Graph } from '../core/graph.ts';
import type { ReleaseIdentity } from '../core/release.ts';
import type { Revision, RevisionId, Script } from '../core/revision.ts';
import type { Release, SectionName } from '../runner/ports.ts';

const FORMAT = 1;
const NEWLINE = 0x0a;

/** What the first line of a bundle says. */
export interface BundleHeader {
  readonly slipway: 'bundle';
  readonly format: number;
  /** The slipway that wrote it. */
  readonly version: string;
  /** Image or git revision, when the build was told. */
  readonly release: string | undefined;
  readonly identity: ReleaseIdentity;
  /** Hex SHA-256 of everything behind the first line. */
  readonly content: string;
  /** Hex SHA-256 of this header without this field. */
  readonly digest: string;
}

type Scripts = { readonly [N in SectionName]?: Script };

interface BundleEntry {
  readonly revision: Revision;
  readonly scripts: Scripts;
}

/** Writes `release` into `path`; the file appears whole or not at all. */
export async function writeBundle(
  path: string,
  release: Release,
  about: { readonly version: string; readonly release: string | undefined },
): Promise<BundleHeader> {
  const graph = await release.graph();
  const lines: string[] = [];
  for (const id of graph.order) {
    const revision = graph.nodes.get(id);
    if (revision === undefined) continue;
    const entry: BundleEntry = {
      revision,
      scripts: {
        up: await release.script(revision, 'up'),
        verify: await release.script(revision, 'verify'),
        down: await release.script(revision, 'down'),
      },
    };
    lines.push(`${JSON.stringify(entry)}\n`);
  }
  const content = lines.join('');
  const unsigned = {
    slipway: 'bundle' as const,
    format: FORMAT,
    ...about,
    identity: await release.identity(),
    content: sha256(content),
  };
  const header: BundleHeader = { ...unsigned, digest: sha256(JSON.stringify(unsigned)) };
  await writeWhole(path, `${JSON.stringify(header)}\n${content}`);
  return header;
}

/** The release in the bundle at `path`. */
export function bundleRelease(path: string): Release {
  const header = readHeader(path);
  let entries: Promise<ReadonlyMap<RevisionId, BundleEntry>> | undefined;
  const load = (): Promise<ReadonlyMap<RevisionId, BundleEntry>> => {
    entries ??= readEntries(path, header);
    return entries;
  };
  let graph: Promise<Graph<Revision>> | undefined;
  return {
    identity: async () => header.identity,
    graph() {
      graph ??= load().then((all) => buildGraph([...all.values()].map((entry) => entry.revision)));
      return graph;
    },
    async script(revision, section) {
      const entry = (await load()).get(revision.id);
      return entry?.scripts[section] ?? { statements: [], parsed: true };
    },
  };
}

/**
 * The first line, checked. Synchronous: it is a few kilobytes, and the whole of the no-op path.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_BUNDLE_INVALID`
 */
export function readHeader(path: string): BundleHeader {
  const line = readFirstLine(path);
  let header: BundleHeader;
  try {
    header = JSON.parse(line) as BundleHeader; // checked right below, field by digest
  } catch (error) {
    throw invalid(path, 'its first line is not JSON', error);
  }
  if (header.slipway !== 'bundle') throw invalid(path, 'it is not a slipway bundle');
  if (header.format !== FORMAT) {
    throw invalid(path, `it has format ${header.format}, and this slipway reads ${FORMAT}`);
  }
  const { digest, ...unsigned } = header;
  if (digest !== sha256(JSON.stringify(unsigned))) {
    throw invalid(path, 'its first line does not match its digest');
  }
  return header;
}

async function readEntries(
  path: string,
  header: BundleHeader,
): Promise<ReadonlyMap<RevisionId, BundleEntry>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const content = text.slice(text.indexOf('\n') + 1);
  if (sha256(content) !== header.content) {
    throw invalid(path, 'its content does not match its digest');
  }
  const entries = content
    .split('\n')
    .filter((line) => line !== '')
    // What the digest covers was written by `writeBundle` from checked revisions.
    .map((line) => JSON.parse(line) as BundleEntry);
  return new Map(entries.map((entry) => [entry.revision.id, entry]));
}

function readFirstLine(path: string): string {
  const chunks: Buffer[] = [];
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (;;) {
      const chunk = Buffer.allocUnsafe(16_384);
      const length = readSync(file, chunk);
      const end = chunk.subarray(0, length).indexOf(NEWLINE);
      chunks.push(chunk.subarray(0, end < 0 ? length : end));
      if (end >= 0 || length === 0) return Buffer.concat(chunks).toString('utf8');
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${Date.now().toString(36)}.tmp`;
  try {
    const file = await open(draft, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new RevisionFileError(
      'SLIPWAY_FILE_UNREADABLE',
      `cannot write ${path}: ${code ?? 'unknown error'}`,
      { hint: 'Check that the folder exists and may be written.', cause: error },
    );
  }
}

function unreadable(path: string, error: unknown): RevisionFileError {
  const { code } = error as NodeJS.ErrnoException;
  return new RevisionFileError(
    'SLIPWAY_FILE_UNREADABLE',
    `cannot read the bundle ${path}: ${code === 'ENOENT' ? 'it does not exist' : (code ?? 'unknown error')}`,
    {
      hint: 'slipway build writes it; --bundle (SLIPWAY_BUNDLE) says where it is.',
      cause: error,
      details: { file: path },
    },
  );
}

function invalid(path: string, why: string, cause?: unknown): RevisionFileError {
  return new RevisionFileError('SLIPWAY_BUNDLE_INVALID', `bundle ${path} cannot be used: ${why}`, {
    hint: 'Build it again with slipway build.',
    cause,
    details: { file: path },
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

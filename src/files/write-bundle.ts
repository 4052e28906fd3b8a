/** Writes a release bundle. */

import { open, rename, rm } from 'node:fs/promises';
import { RevisionFileError } from '../core/errors.ts';
import type { Release } from '../runner/ports.ts';
import type { BundleEntry } from './bundle.ts';
import { BUNDLE_FORMAT, type BundleHeader, sha256 } from './bundle-header.ts';

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
    format: BUNDLE_FORMAT,
    ...about,
    identity: await release.identity(),
    content: sha256(content),
  };
  const header: BundleHeader = { ...unsigned, digest: sha256(JSON.stringify(unsigned)) };
  await writeWhole(path, `${JSON.stringify(header)}\n${content}`);
  return header;
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

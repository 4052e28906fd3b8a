/** Writes a release bundle. */

import type { CompiledRevision } from '../core/program.ts';
import type { Release } from '../runner/ports.ts';
import type { BundleEntry } from './bundle.ts';
import { BUNDLE_FORMAT, type BundleHeader, sha256 } from './bundle-header.ts';
import { writeWhole } from './write-whole.ts';

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
      ...(revision.language === 'typescript' ? { program: await compiled(revision.file) } : {}),
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

async function compiled(file: string): Promise<CompiledRevision> {
  const { compileRevision } = await import('../typescript/compile.ts');
  return compileRevision(file);
}

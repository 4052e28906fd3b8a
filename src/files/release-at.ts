/** The release of an earlier commit: its revision files, read with git. */

import { prepareScript } from '../analysis/script.ts';
import { UsageError } from '../core/errors.ts';
import { buildGraph } from '../core/graph.ts';
import { identityOf } from '../core/release.ts';
import { languageOf, type Revision } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import { filesAt } from './git.ts';

/**
 * The release that `directory` held in the commit `ref`. Revisions in TypeScript are programs of their
 * project and cannot run out of their place: those that are still the same are taken from `current`.
 * @throws UsageError `SLIPWAY_GIT_FAILED`, RevisionFileError, GraphError
 */
export async function releaseAt(
  directory: string,
  ref: string,
  {
    env,
    current,
  }: {
    readonly env: { readonly [name: string]: string | undefined };
    readonly current: Release;
  },
): Promise<Release> {
  const now = [...(await current.graph()).nodes.values()];
  const revisions: Revision[] = (await filesAt(directory, ref, env)).map(({ file, content }) => {
    if (languageOf(file) === 'sql') return parseRevisionFile(content, file);
    const text = unixLines(Buffer.from(content).toString('utf8'));
    const same = now.find((revision) => unixLines(revision.source) === text);
    if (same === undefined) throw changedProgram(file, ref);
    return same;
  });
  const graph = buildGraph(revisions);
  return {
    identity: async () => identityOf(graph),
    graph: async () => graph,
    program: (revision) => current.program(revision),
    async script(revision, section) {
      const part = revision[section];
      return part === undefined ? { statements: [], parsed: true } : prepareScript(revision, part);
    },
  };
}

/** Git may have changed line ends when it wrote the file. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function changedProgram(file: string, ref: string): UsageError {
  return new UsageError(
    'SLIPWAY_USAGE',
    `${file} is another file in ${ref}, and a TypeScript revision cannot be run out of its project`,
    { hint: 'Check that commit out beside this one and rehearse its own rollout there.' },
  );
}

/** `slipway build`: validates everything and writes the release bundle. */

import { compatibilityOf } from '../../analysis/compatibility.ts';
import { validateRelease } from '../../authoring/validate-release.ts';
import { directoryRelease } from '../../files/directory.ts';
import { writeBundle } from '../../files/write-bundle.ts';
import type { CommandOptions } from '../command-spec.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { VERSION } from '../version.ts';

/** Writes the bundle and prints what is in it. */
export async function buildCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { settings, edge } = run;
  const release = directoryRelease(settings.dir);
  await validateRelease(release);
  const out = String(options['out']);
  const header = await writeBundle(out, release, { version: VERSION, release: settings.release });
  const graph = await release.graph();
  const revisions = [];
  for (const revision of graph.nodes.values()) {
    const up = await release.script(revision, 'up');
    revisions.push({
      id: revision.id,
      file: revision.file,
      statements: up.statements.length,
      compatible: compatibilityOf(revision, up).verdict,
      description: revision.description,
    });
  }
  if (options['json'] === true) {
    edge.print(`${JSON.stringify({ bundle: out, ...header, revisions })}\n`);
    return;
  }
  edge.print(
    `${table(
      ['REVISION', 'STATEMENTS', 'COMPATIBLE', 'DESCRIPTION'],
      revisions.map((r) => [r.id, String(r.statements), r.compatible, r.description]),
      { colour: wantsColour(edge, edge.stdoutIsTerminal) },
    )}${revisions.length} revisions in ${out}, head ${header.identity.heads.join(', ') || 'none'}\n`,
  );
}

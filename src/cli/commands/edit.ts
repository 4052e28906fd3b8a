/** `slipway edit`: opens revision files in the user's editor. */

import { UsageError } from '../../core/errors.ts';
import { resolveTarget } from '../../core/resolve.ts';
import { HEAD, needsDatabase, parseTarget } from '../../core/target.ts';
import { directoryRelease } from '../../files/directory.ts';
import { appliedOf, askDatabase } from '../ask-database.ts';
import { edit, findEditor } from '../editor.ts';
import type { RunContext } from '../run-context.ts';
import { withDatabase } from '../wire.ts';

/**
 * Opens the files of the revisions that `wanted` names, all at once; without any, the head's.
 * @throws UsageError without a terminal or an editor, and for revisions that no file here has
 */
export async function editCommand(run: RunContext, wanted: readonly string[]): Promise<undefined> {
  const editor = findEditor(run.edge, 'edit');
  const targets = wanted.length === 0 ? [HEAD] : wanted.map(parseTarget);
  const graph = await directoryRelease(run.settings.dir).graph();
  const applied = targets.some(needsDatabase)
    ? await withDatabase(run, async (opened) => appliedOf(await askDatabase(opened)))
    : undefined;
  const ids = new Set(targets.flatMap((target) => resolveTarget(graph, target, applied)));
  const files = [...ids].flatMap((id) => graph.nodes.get(id)?.file ?? []);
  if (files.length === 0) {
    throw new UsageError('SLIPWAY_USAGE', `"${wanted.join(' ') || 'head'}" names no revision`, {
      hint: 'slipway history lists the revisions; slipway revision -m "..." writes the first one.',
    });
  }
  await edit(editor, files);
}

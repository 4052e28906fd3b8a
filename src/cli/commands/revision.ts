/** `slipway revision`: writes a new revision file. */

import { newRevision } from '../../authoring/new-revision.ts';
import { chooseTemplate } from '../../authoring/template.ts';
import { readTemplates } from '../../files/templates.ts';
import type { CommandOptions } from '../command-spec.ts';
import { edit, findEditor } from '../editor.ts';
import type { RunContext } from '../run-context.ts';
import { idOf, listOf, readGraph, writeRevision } from '../write-revision.ts';

/**
 * Writes the file and prints its path; with `--json`
 * `{ id, revises, dependsOn, labels, phase, file }`.
 */
export async function revisionCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<undefined> {
  const editor = options['edit'] === true ? findEditor(run.edge, '--edit') : undefined;
  const graph = await readGraph(run);
  const templates = await readTemplates(run.settings.dir);
  const revision = newRevision(graph, {
    message: String(options['message']),
    id: idOf(options),
    heads: listOf(options['head']),
    base: options['base'] === true,
    splice: options['splice'] === true,
    labels: listOf(options['branchLabel']),
    dependsOn: listOf(options['dependsOn']),
    phase: (options['phase'] ?? options['revisionPhase']) === 'contract' ? 'contract' : 'expand',
    template: chooseTemplate(
      templates,
      typeof options['template'] === 'string' ? options['template'] : 'default',
      options['ts'] === true ? 'typescript' : 'sql',
    ),
    now: run.edge.now(),
  });
  const file = await writeRevision(run, revision, options);
  if (editor !== undefined) await edit(editor, [file]);
}

/** Says everywhere that was asked for how a run ended. */

import { placeOfBackup } from '../core/backup.ts';
import type { RunOutcome } from '../core/outcome.ts';
import { writeReadyFile } from './ready-file.ts';
import type { RunContext } from './run-context.ts';

/** Reports `run.finished`, writes the ready file, and answers as JSON. */
export function finish(
  run: RunContext,
  command: string,
  outcome: RunOutcome,
  options: { readonly json: boolean; readonly ready: boolean },
): void {
  const durationMs = run.elapsed();
  const { backups = [] } = outcome;
  run.reporter.report({
    type: 'run.finished',
    command,
    outcome: outcome.outcome,
    heads: outcome.heads,
    applied: outcome.revisions.length,
    durationMs,
    ...(backups.length === 0 ? {} : { backups: backups.map(placeOfBackup) }),
  });
  const { readyFile } = run.settings;
  if (options.ready && readyFile !== undefined) writeReadyFile(readyFile, outcome.heads);
  if (options.json) run.edge.print(`${JSON.stringify({ ...outcome, durationMs })}\n`);
}

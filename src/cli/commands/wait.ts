/** `slipway wait`: until the database serves this release. */

import { parseDuration } from '../../core/duration.ts';
import { UsageError } from '../../core/errors.ts';
import { waitForRelease } from '../../runner/wait.ts';
import type { CommandOptions } from '../command-spec.ts';
import { writeReadyFile } from '../ready-file.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/** Waits, and writes the ready file when there is one. */
export async function waitCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { settings, reporter } = run;
  const timeout = String(options['timeout']);
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined) {
    throw new UsageError('SLIPWAY_USAGE', `--timeout "${timeout}" is not a duration`, {
      hint: 'Write for example 30s or 10m.',
    });
  }
  const release = await openRelease(run);
  const outcome = await withDatabase(run, async (opened) =>
    waitForRelease(
      await opened.migration(),
      release,
      { phase: settings.phase, onAhead: settings.onAhead, timeoutMs },
      run.surroundings,
    ),
  );
  reporter.report({
    type: 'run.finished',
    command: 'wait',
    outcome: outcome.outcome,
    heads: outcome.heads,
    applied: 0,
    durationMs: run.elapsed(),
  });
  if (settings.readyFile !== undefined) writeReadyFile(settings.readyFile, outcome.heads);
  if (options['json'] === true) {
    run.edge.print(`${JSON.stringify({ ...outcome, durationMs: run.elapsed() })}\n`);
  }
}

/** `slipway wait`: until the database serves this release. */

import { parseDuration } from '../../core/duration.ts';
import { UsageError } from '../../core/errors.ts';
import { waitForRelease } from '../../runner/wait.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/** Waits, and writes the ready file when there is one. */
export async function waitCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { settings } = run;
  const timeout = String(options['timeout']);
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined) {
    throw new UsageError('SLIPWAY_USAGE', `--timeout "${timeout}" is not a duration`, {
      hint: 'Write for example 30s or 10m.',
    });
  }
  const release = openRelease(run);
  const outcome = await withDatabase(run, async (opened) =>
    waitForRelease(
      opened.migration,
      release,
      { phase: settings.phase, onAhead: settings.onAhead, timeoutMs },
      run.surroundings,
    ),
  );
  finish(run, 'wait', outcome, { json: options['json'] === true, ready: true });
}

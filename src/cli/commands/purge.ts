/** `slipway purge`: drops for real what revisions have hidden. */

import { formatBytes } from '../../core/bytes.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import { UsageError } from '../../core/errors.ts';
import type { HiddenObject } from '../../core/soft-drop.ts';
import { type Purged, purge } from '../../runner/purge.ts';
import type { CommandOptions } from '../command-spec.ts';
import { hiddenRow, hiddenTitles } from '../hidden-text.ts';
import { reportStart } from '../report-start.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { withDatabase } from '../wire.ts';

/**
 * Purges what is old enough, or named. As JSON: `purged` and `kept` as `HiddenObject` has them.
 * @throws UsageError where neither an age nor a name is given
 * @throws RunError `SLIPWAY_PURGE_FAILED`
 */
export async function purgeCommand(
  run: RunContext,
  options: CommandOptions,
  names: readonly string[],
): Promise<undefined> {
  const olderThanMs = readAge(options['olderThan']);
  if (olderThanMs === undefined && names.length === 0) {
    throw usage('purge drops nothing unless it is told what');
  }
  const dryRun = options['dryRun'] === true;
  const { settings } = run;
  await withDatabase(run, async (opened) => {
    if (!dryRun) reportStart(run, 'purge', opened);
    const result = await purge(
      opened.migration,
      {
        olderThanMs,
        names,
        dryRun,
        limits: {
          lockTimeoutMs: settings.lockTimeout,
          lockRetries: settings.lockRetries,
          statementTimeoutMs: settings.statementTimeout,
        },
        lockWaitMs: settings.lockWait,
      },
      run.surroundings,
    );
    run.edge.print(
      options['json'] === true
        ? `${JSON.stringify({ ...result, dryRun })}\n`
        : textOf(run, result, dryRun),
    );
  });
}

function readAge(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const ms = parseDuration(String(given));
  if (ms === undefined) throw usage(`"${String(given)}" is no duration`);
  return ms;
}

function textOf(run: RunContext, { purged, kept }: Purged, dryRun: boolean): string {
  const left = `${kept.length} left hidden`;
  if (purged.length === 0) return `nothing to purge (${left})\n`;
  const rows = purged.map(hiddenRow);
  const shown = table(hiddenTitles, rows, {
    colour: wantsColour(run.edge, run.edge.stdoutIsTerminal),
  });
  return `${shown}${summaryOf(purged, dryRun)}; ${left}\n`;
}

function summaryOf(purged: readonly HiddenObject[], dryRun: boolean): string {
  const oldest = Math.max(...purged.map(({ ageMs }) => ageMs));
  // The bytes of a column stay in its rows until they are written again.
  const bytes = purged.reduce(
    (sum, each) => sum + (each.kind === 'table' ? (each.bytes ?? 0) : 0),
    0,
  );
  const freed = bytes === 0 ? '' : `, ${formatBytes(bytes)} of tables`;
  return `${dryRun ? 'would purge' : 'purged'} ${purged.length}${freed}, the oldest hidden ${formatDuration(oldest)} ago`;
}

function usage(message: string): UsageError {
  return new UsageError('SLIPWAY_USAGE', message, {
    hint: 'Say how old it must be (--older-than 14d), or name it: slipway purge app.users.phone. With --dry-run it only lists.',
  });
}

/** `slipway status`: one screen for a person. */

import { describeOrigin } from '../../core/decide.ts';
import { formatDuration } from '../../core/duration.ts';
import { describeSession } from '../../core/session-text.ts';
import { describeServer } from '../../postgres/connection-settings.ts';
import { readStatus, type Status } from '../../runner/status.ts';
import type { CommandOptions } from '../command-spec.ts';
import { fleetSource } from '../fleet-source.ts';
import { hiddenSummary } from '../hidden-text.ts';
import type { RunContext } from '../run-context.ts';
import { openRelease, withDatabase } from '../wire.ts';

/** Prints where the database is and what is going on. */
export async function statusCommand(
  run: RunContext,
  options: CommandOptions,
): Promise<number | undefined> {
  const fleet = fleetSource(options);
  if (fleet !== undefined) {
    const { statusOfFleet } = await import('./status-fleet.ts');
    return statusOfFleet(run, fleet, { json: options['json'] === true });
  }
  const release = openRelease(run);
  await withDatabase(run, async (opened) => {
    const status = await readStatus(opened.migration, release);
    const server = describeServer(opened.connection);
    run.edge.print(
      options['json'] === true
        ? `${JSON.stringify({ server, ...status })}\n`
        : `${linesOf(status, server, run.edge.now()).join('\n')}\n`,
    );
  });
  return undefined;
}

function linesOf(status: Status, server: string, now: number): readonly string[] {
  const { summary, pending, unknown, changed, partial, holder, last } = status;
  return [
    row('database', server),
    row(
      'at',
      summary === undefined
        ? 'never migrated by slipway'
        : `${summary.heads.join(', ') || 'base'} (${summary.applied} applied)`,
    ),
    row('state', RELATIONS[status.relation]),
    ...pending
      .slice(0, SHOWN)
      .map((r, i) => row(i === 0 ? 'pending' : '', `${r.id} ${r.description}`)),
    ...(pending.length > SHOWN ? [row('', `… and ${pending.length - SHOWN} more`)] : []),
    ...unknown.map((r, i) =>
      row(
        i === 0 ? 'ahead' : '',
        `${r.id} ${r.description} (${r.compatibility.verdict === 'yes' ? 'compatible' : `not compatible: ${r.compatibility.reason}`}; ${describeOrigin(r)})`,
      ),
    ),
    ...changed.map((r, i) =>
      row(i === 0 ? 'changed' : '', `${r.id} ${r.file} is not what was applied`),
    ),
    ...partial.map((r, i) =>
      row(i === 0 ? 'partial' : '', `${r.id} ${r.description}: the next upgrade goes on with it`),
    ),
    ...floorLines(status),
    ...hiddenLines(status),
    row('lock', holder === undefined ? 'free' : `held by ${describeSession(holder)}`),
    row(
      'last run',
      last === undefined
        ? 'none'
        : `${last.event}${last.revision === undefined ? '' : ` ${last.revision}`}, ${formatDuration(Math.max(0, now - Date.parse(last.at)))} ago, by ${last.provenance.pod ?? last.role}`,
    ),
  ];
}

function floorLines({ floor }: Status): readonly string[] {
  if (floor === undefined) return [row('floor', 'none: every applied revision is compatible')];
  return [
    row('floor', `${floor.id} ${floor.description}: releases without it cannot start`),
    row(
      '',
      `${floor.compatibility.reason}; applied ${floor.appliedAt} by ${describeOrigin(floor)}`,
    ),
  ];
}

function hiddenLines({ hidden }: Status): readonly string[] {
  if (hidden.length === 0) return [];
  return [
    row('hidden', hiddenSummary(hidden)),
    row('', 'slipway purge --older-than 14d --dry-run lists what it would drop for good'),
  ];
}

const SHOWN = 10;

const RELATIONS: { readonly [R in Status['relation']]: string } = {
  same: 'up to date',
  behind: 'behind: slipway upgrade applies what is pending',
  ahead: 'ahead of this release',
  diverged: 'diverged: each side has revisions that the other lacks',
};

function row(label: string, value: string): string {
  return `${label.padEnd(10)}${value}`;
}

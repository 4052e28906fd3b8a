/** `slipway status --targets`: where each of many databases or schemas is. */

import { setMaxListeners } from 'node:events';
import { EXIT, type ExitCode, Interrupted } from '../../core/errors.ts';
import { type FleetTarget, worstExit } from '../../core/fleet.ts';
import { ownFailure } from '../../runner/failure.ts';
import { forEachTarget } from '../../runner/fleet.ts';
import type { Release } from '../../runner/ports.ts';
import { readStatus, type Status } from '../../runner/status.ts';
import { type IdleConnections, idleConnections } from '../fleet-connections.ts';
import { targetContext } from '../fleet-context.ts';
import type { FleetSource } from '../fleet-source.ts';
import { readFleet } from '../fleet-targets.ts';
import { withTarget } from '../fleet-work.ts';
import { loadLogger } from '../load-logger.ts';
import { toSlipwayError } from '../perform.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { openRelease } from '../wire.ts';

/** What is told of a target: where it is, or why that is not known. */
type Row =
  | {
      readonly target: string;
      readonly state: Status['relation'];
      readonly heads: readonly string[];
      readonly applied: number;
      readonly pending: number;
      readonly ahead: number;
      readonly changed: number;
      readonly partial: number;
      /** The pod or program that holds its migration lock. */
      readonly holder: string | undefined;
    }
  | {
      readonly target: string;
      readonly state: 'unknown';
      readonly code: string;
      readonly exitCode: ExitCode;
      readonly message: string;
    };

/** Prints a line for each target; answers 0 when all of them could be asked. */
export async function statusOfFleet(
  run: RunContext,
  fleet: FleetSource,
  { json }: { readonly json: boolean },
): Promise<number> {
  const { edge, settings } = run;
  loadLogger(run);
  setMaxListeners(0, edge.signal);
  const release = openRelease(run);
  await release.graph();
  const { targets } = await readFleet(run, fleet);
  const rows = new Map<string, Row>();
  const idle = idleConnections(settings.concurrency);
  await forEachTarget(
    targets,
    { concurrency: settings.concurrency, mayStart: () => !edge.signal.aborted },
    async (target) => {
      rows.set(target.name, await rowOf(run, target, { release, idle }));
    },
  ).finally(() => idle.close());
  if (edge.signal.aborted) {
    throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while asking the targets');
  }
  const ordered = targets.flatMap(({ name }) => rows.get(name) ?? []);
  edge.print(
    json
      ? `${JSON.stringify({ targets: ordered })}\n`
      : statusTable(ordered, wantsColour(edge, edge.stdoutIsTerminal)),
  );
  return worstExit(ordered.map((row) => (row.state === 'unknown' ? row.exitCode : EXIT.ok)));
}

async function rowOf(
  run: RunContext,
  target: FleetTarget,
  { release, idle }: { readonly release: Release; readonly idle: IdleConnections },
): Promise<Row> {
  const own = targetContext(run, target);
  try {
    const status = await withTarget(own, target, idle, async (_, { migration }) => ({
      answer: await readStatus(migration, release),
      isAsBefore: true,
    }));
    return {
      target: target.name,
      state: status.relation,
      heads: status.summary?.heads ?? [],
      applied: status.summary?.applied ?? 0,
      pending: status.pending.length,
      ahead: status.unknown.length,
      changed: status.changed.length,
      partial: status.partial.length,
      holder: status.holder?.pod ?? status.holder?.application,
    };
  } catch (thrown) {
    const error = toSlipwayError(ownFailure(thrown, 'status: working with the history schema'));
    const { code, exitCode, message } = error;
    own.reporter.report({
      type: 'run.failed',
      command: 'status',
      error,
      durationMs: own.elapsed(),
    });
    return { target: target.name, state: 'unknown', code, exitCode, message };
  }
}

function statusTable(rows: readonly Row[], colour: boolean): string {
  return table(
    ['TARGET', 'STATE', 'PENDING', 'AHEAD', 'LOCK', 'AT'],
    rows.map((row) =>
      row.state === 'unknown'
        ? [row.target, 'unknown', '-', '-', '-', `${row.code}: ${row.message}`]
        : [
            row.target,
            stateText(row),
            String(row.pending),
            String(row.ahead),
            row.holder ?? 'free',
            row.heads.join(', ') || 'base',
          ],
    ),
    { colour },
  );
}

const STATES: { readonly [R in Status['relation']]: string } = {
  same: 'up to date',
  behind: 'behind',
  ahead: 'ahead',
  diverged: 'diverged',
};

function stateText({
  state,
  changed,
  partial,
}: Exclude<Row, { readonly state: 'unknown' }>): string {
  const marks = [
    ...(changed === 0 ? [] : [`${changed} changed`]),
    ...(partial === 0 ? [] : [`${partial} partial`]),
  ];
  return [STATES[state], ...marks].join(', ');
}

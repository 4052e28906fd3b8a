/** `slipway upgrade --targets`: brings many databases or schemas to the target. */

import { setMaxListeners } from 'node:events';
import { ConfigError, EXIT, UsageError } from '../../core/errors.ts';
import type { FleetReport, FleetTarget } from '../../core/fleet.ts';
import type { RunOutcome } from '../../core/outcome.ts';
import { HEAD, parseTarget } from '../../core/target.ts';
import { runFleet } from '../../runner/fleet.ts';
import { idleConnections } from '../fleet-connections.ts';
import { printFleet, reportFleetEnd } from '../fleet-output.ts';
import { doneBefore, openReport, type ReportSubject } from '../fleet-report.ts';
import type { FleetSource } from '../fleet-source.ts';
import { readFleet } from '../fleet-targets.ts';
import { onTarget } from '../fleet-work.ts';
import { loadLogger } from '../load-logger.ts';
import { writeReadyFile } from '../ready-file.ts';
import { guardAfterRollout, type WatchedDeployment } from '../rollouts.ts';
import type { RunContext } from '../run-context.ts';
import { checkTargets, type OpenDatabase, openRelease } from '../wire.ts';
import { type UpgradeCommand, upgradeOpened, upgradeOptions } from './upgrade.ts';

interface FleetRequest {
  readonly command: UpgradeCommand;
  readonly fleet: FleetSource;
  readonly watched: WatchedDeployment | undefined;
}

/** Upgrades every target of the list, and answers with the worst exit code among them. */
export async function upgradeFleet(run: RunContext, request: FleetRequest): Promise<number> {
  const { command, watched } = request;
  const { settings, edge } = run;
  refuseOthers(command);
  const report = reportPath(command);
  loadLogger(run);
  // Each target that is under way listens for the signal to stop.
  setMaxListeners(0, edge.signal);
  const release = openRelease(run);
  const goal = command.target === undefined ? HEAD : parseTarget(command.target);
  await checkTargets(run, release, command.target === undefined ? [] : [goal]);
  // Read whole once: what is wrong with it is wrong for all targets.
  await release.graph();
  const { targets, shard } = await readFleet(run, request.fleet);
  refuseWholeBackups(run, targets);
  const subject: ReportSubject = {
    command: 'upgrade',
    release: (await release.identity()).digest,
    target: goal === HEAD ? 'head' : (command.target ?? 'head'),
    phase: settings.phase,
  };
  const done = report?.resume === true ? doneBefore(report.path, subject) : new Set<string>();
  const pending = targets.filter(({ name }) => !done.has(name));
  const skipped = targets.length - pending.length;
  const { concurrency, canary, maxFailures } = settings;
  run.reporter.report({
    type: 'fleet.started',
    command: 'upgrade',
    targets: pending.length,
    skipped,
    concurrency,
    canary,
    shard: shard === undefined ? undefined : `${shard.index + 1}/${shard.count}`,
  });
  const guard = watched === undefined ? undefined : await guardAfterRollout(run, watched);
  const options = { ...upgradeOptions(run, command, goal), guard };
  const toHead = command.target === undefined;
  const idle = idleConnections(concurrency);
  const work = (own: RunContext, opened: OpenDatabase): Promise<RunOutcome> =>
    upgradeOpened(own, opened, { name: 'upgrade', release, toHead, options });
  const file =
    report === undefined
      ? undefined
      : openReport(report.path, subject, { resume: report.resume, startedAt: edge.now() });
  let ended: FleetReport;
  try {
    ended = await runFleet(
      pending,
      {
        ...{ concurrency, canary, maxFailures, skipped },
        work: (target) => onTarget(run, target, { command: 'upgrade', idle, work }),
        onResult: (result) => file?.add(result),
      },
      run.surroundings,
    );
  } finally {
    await idle.close();
    file?.close();
  }
  reportFleetEnd(run, 'upgrade', ended);
  if (ended.exitCode === EXIT.ok && settings.readyFile !== undefined) {
    writeReadyFile(settings.readyFile, (await release.identity()).heads);
  }
  printFleet(run, ended, { json: command.json });
  return ended.exitCode;
}

/** @throws UsageError for what makes sense for one database only */
function refuseOthers({ dryRun, options = {} }: UpgradeCommand): void {
  const flag = dryRun
    ? '--dry-run'
    : options['sql'] === true
      ? '--sql'
      : options['out'] === undefined
        ? undefined
        : '--out';
  if (flag === undefined) return;
  throw new UsageError('SLIPWAY_USAGE', `${flag} is for one database, not for a list of targets`, {
    hint: 'slipway status --targets shows what is pending in each; upgrade --dry-run with --url shows it for one.',
  });
}

function reportPath({
  options = {},
}: UpgradeCommand): { readonly path: string; readonly resume: boolean } | undefined {
  const { report, resume } = options;
  if (typeof report === 'string' && typeof resume === 'string') {
    throw new UsageError('SLIPWAY_USAGE', '--report and --resume exclude each other', {
      hint: '--resume FILE reads the report in FILE and goes on writing it.',
    });
  }
  if (typeof resume === 'string') return { path: resume, resume: true };
  return typeof report === 'string' ? { path: report, resume: false } : undefined;
}

/** A dump of the whole database for each of its schemas would fill any disk. */
function refuseWholeBackups({ settings }: RunContext, targets: readonly FleetTarget[]): void {
  const first = targets.find(({ schema }) => schema !== undefined);
  if (settings.backup !== 'all' || first === undefined) return;
  throw new ConfigError(
    'SLIPWAY_CONFIG_INVALID',
    `backup=all would dump the whole database again for each target that is a schema, as "${first.name}" is`,
    {
      hint: 'Nothing was run. Make one before with slipway backup, and use --backup=hazards or none here.',
      details: { setting: 'backup', target: first.name },
    },
  );
}

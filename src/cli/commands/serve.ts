/** `slipway serve`: the native sidecar. */

import { UsageError } from '../../core/errors.ts';
import type { Reporter } from '../../core/events.ts';
import type { PhaseChoice } from '../../core/plan.ts';
import { HEAD } from '../../core/target.ts';
import type { ContractRuns } from '../../runner/contract-phase.ts';
import type { Release } from '../../runner/ports.ts';
import { type KeptDatabase, schemaWatch } from '../../runner/schema-watch.ts';
import { serveUntilStopped } from '../../runner/serve.ts';
import { upgrade } from '../../runner/upgrade.ts';
import { openMetrics } from '../../sidecar/metrics.ts';
import { openProbes } from '../../sidecar/probes.ts';
import { openProbeServer } from '../../sidecar/server.ts';
import { backupBefore, withBackups } from '../backup-before.ts';
import { sleep } from '../edge.ts';
import { finish } from '../finish.ts';
import { keptDatabase } from '../kept-database.ts';
import { loadLogger } from '../load-logger.ts';
import { rolloutOf } from '../rollouts.ts';
import type { RunContext } from '../run-context.ts';
import { VERSION } from '../version.ts';
import { openRelease, withDatabase } from '../wire.ts';
import { upgradeCommand, upgradeOptions } from './upgrade.ts';

/** Checks that may be missed, at their interval, before the process counts as stuck. */
const MISSED_CHECKS = 4;
/** What a look at the database may take at most besides, with everything that can go wrong in it. */
const LOOK_MS = 60_000;

/** Upgrades, then answers probes and metrics until it is told to stop. */
export async function serveCommand(outer: RunContext): Promise<undefined> {
  const { settings, edge } = outer;
  const phase = startPhase(outer);
  const probes = openProbes({
    release: settings.release,
    now: edge.now,
    stuckAfterMs: MISSED_CHECKS * settings.checkInterval + LOOK_MS,
  });
  const metrics = openMetrics({
    version: VERSION,
    release: settings.release,
    withProcess: settings.defaultMetrics === 'yes',
    now: edge.now,
  });
  const run = telling(outer, [probes, metrics]);
  const { listenPort: port, listenHost: host } = settings;
  const server = await openProbeServer({ port, host, probes, metrics });
  const database = keptDatabase(run);
  try {
    run.reporter.report({
      type: 'sidecar.listening',
      address: server.address,
      port: server.port,
    });
    await upgradeCommand(
      { ...run, settings: { ...settings, phase } },
      {
        name: 'serve',
        json: false,
        dryRun: false,
        singleTransaction: false,
        now: false,
        target: undefined,
      },
    );
    loadLogger(run);
    const start = edge.now();
    const release = openRelease(run);
    const { onAhead, checkInterval: intervalMs } = settings;
    const watch = schemaWatch(database, release, { phase, onAhead, intervalMs }, run.surroundings);
    const contract =
      settings.contract === 'after-rollout'
        ? { rollout: rolloutOf(run), runs: contractRuns(run, { release, database }) }
        : undefined;
    await serveUntilStopped({ watch, contract, idleMs: intervalMs }, run.surroundings);
    run.reporter.report({
      type: 'sidecar.stopped',
      signal: String(edge.signal.reason),
      servedMs: edge.now() - start,
    });
  } finally {
    await Promise.all([server.close(), database.close()]);
  }
}

/** The phase that is run at the start, and that the database has to be through. @throws UsageError */
function startPhase({ settings, origins }: RunContext): PhaseChoice {
  const { phase, contract } = settings;
  if (phase === 'contract') {
    throw new UsageError('SLIPWAY_USAGE', `serve cannot start with ${origins.phase} contract`, {
      hint: 'Write --contract after-rollout: the contract phase then runs once no older pod is left.',
    });
  }
  if (contract === 'never') return phase;
  if (phase === 'all' && origins.phase !== 'default') {
    throw new UsageError(
      'SLIPWAY_USAGE',
      `${origins.contract} after-rollout and ${origins.phase} all exclude each other`,
      { hint: 'Leave the phase out: contract revisions wait for the end of the rollout.' },
    );
  }
  return 'expand';
}

/** The same run with more reporters, which must not disturb it. */
function telling(run: RunContext, more: readonly Reporter[]): RunContext {
  const reporter: Reporter = {
    report(event) {
      for (const each of [run.reporter, ...more]) each.report(event);
    },
  };
  return { ...run, reporter, surroundings: { ...run.surroundings, reporter } };
}

/** Runs of the contract phase, each over a connection of its own. */
function contractRuns(
  run: RunContext,
  { release, database }: { readonly release: Release; readonly database: KeptDatabase },
): ContractRuns {
  const { settings, reporter, surroundings, edge } = run;
  const command = 'serve';
  let start = edge.now();
  return {
    async run(guard, signal) {
      start = edge.now();
      const stoppable: RunContext = {
        ...run,
        settings: { ...settings, phase: 'contract' },
        edge: { ...edge, signal },
        surroundings: { ...surroundings, signal, sleep: (ms) => sleep(ms, signal) },
        elapsed: () => edge.now() - start,
      };
      await withDatabase(stoppable, async (opened) => {
        const backup = await backupBefore(stoppable, opened);
        const options = upgradeOptions(stoppable, { singleTransaction: false }, HEAD);
        const outcome = await upgrade(
          opened.migration,
          release,
          // Whoever is first does it; the others look again later instead of waiting here.
          { ...options, lockWaitMs: 0, guard, backup },
          stoppable.surroundings,
        );
        if (outcome.outcome !== 'done') return;
        finish(stoppable, command, withBackups(outcome, backup), { json: false, ready: false });
      });
    },
    recentLog: () => database.read((applied) => applied.recentLog(RECENT_ENTRIES)),
    failed: (error) => {
      reporter.report({ type: 'run.failed', command, error, durationMs: edge.now() - start });
    },
  };
}

/** A run leaves a row for each revision, so that a failure stands near the end. */
const RECENT_ENTRIES = 50;

/** `slipway stamp`: records revisions without running them. */

import { parseTarget } from '../../core/target.ts';
import { onlySql } from '../../runner/offline.ts';
import { stamp } from '../../runner/stamp.ts';
import type { CommandOptions } from '../command-spec.ts';
import { finish } from '../finish.ts';
import { loadLogger } from '../load-logger.ts';
import { reportStart } from '../report-start.ts';
import type { RunContext } from '../run-context.ts';
import { checkTargets, openRelease, withDatabase } from '../wire.ts';
import { isOffline, offline } from './offline.ts';

/** Makes the version table say that the branches of `targets` are at them. */
export async function stampCommand(
  run: RunContext,
  options: CommandOptions,
  targets: readonly string[],
): Promise<undefined> {
  const { settings } = run;
  const limited = {
    purge: options['purge'] === true,
    lockWaitMs: settings.lockWait,
    lockTimeoutMs: settings.lockTimeout,
  };
  const script = { name: 'stamp' as const, targets, options };
  const release = openRelease(run);
  if (isOffline(script)) {
    const files = onlySql(release);
    return offline(run, script, {
      release: files,
      perform: (db, ends, surroundings) =>
        stamp(db, files, { ...limited, targets: ends }, surroundings),
    });
  }
  const request = { ...limited, targets: targets.map(parseTarget) };
  await checkTargets(run, release, request.targets);
  loadLogger(run);
  await withDatabase(run, async (opened) => {
    reportStart(run, 'stamp', opened);
    const outcome = await stamp(opened.migration, release, request, run.surroundings);
    finish(run, 'stamp', outcome, { json: options['json'] === true, ready: false });
  });
}

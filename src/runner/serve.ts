/** What a sidecar does once the schema is ready: looks after it until told to stop. */

import { Interrupted } from '../core/errors.ts';
import { type ContractRuns, keepContracting } from './contract-phase.ts';
import type { Rollout, Surroundings } from './ports.ts';
import type { SchemaWatch } from './schema-watch.ts';

/** What there is to do while the application runs. */
export interface ServeDuties {
  readonly watch: SchemaWatch;
  /** Undefined where contract revisions are left to somebody else. */
  readonly contract: { readonly rollout: Rollout; readonly runs: ContractRuns } | undefined;
  /** How long to rest where there is nothing to do. */
  readonly idleMs: number;
}

/**
 * Resolves when told to stop with nothing under way.
 * @throws Interrupted when contract revisions were under way
 */
export async function serveUntilStopped(
  { watch, contract, idleMs }: ServeDuties,
  surroundings: Surroundings,
): Promise<void> {
  const { signal } = surroundings;
  let interrupted: Interrupted | undefined;
  const quietly = async (duty: Promise<never>): Promise<void> => {
    await duty.catch((error: unknown) => {
      if (!signal.aborted || !(error instanceof Interrupted)) throw error;
    });
  };
  const noticing = (runs: ContractRuns): ContractRuns => ({
    ...runs,
    run: (guard, stop) =>
      runs.run(guard, stop).catch((error: unknown) => {
        if (signal.aborted && error instanceof Interrupted) interrupted = error;
        throw error;
      }),
  });
  const duties = [quietly(watch.keepLooking())];
  if (contract !== undefined) {
    const all = { ...contract, runs: noticing(contract.runs) };
    duties.push(quietly(keepContracting(watch, all, { idleMs }, surroundings)));
  }
  await Promise.all(duties);
  if (interrupted !== undefined) throw interrupted;
}

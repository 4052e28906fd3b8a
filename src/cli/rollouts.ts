/** Where upgrades ask the cluster: before they take a database back, and before the contract phase. */

import { UsageError } from '../core/errors.ts';
import type { RunOutcome } from '../core/outcome.ts';
import type { MigrationDatabase, Release, Rollout } from '../runner/ports.ts';
import { previewUpgrade } from '../runner/preview.ts';
import { type UpgradeOptions, upgrade } from '../runner/upgrade.ts';
import type { CommandOptions } from './command-spec.ts';
import type { RunContext } from './run-context.ts';
import { withDatabase } from './wire.ts';

/** The Deployment that `--wait-rollout` names. */
export interface WatchedDeployment {
  /** This pod's own where left out. */
  readonly deployment: string | undefined;
  readonly namespace: string | undefined;
}

const DEPLOYMENT = /^(?:(?:deploy|deployments?)(?:\.apps)?\/)?([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)$/;

/**
 * Reads `--wait-rollout` and `--namespace`; undefined where nothing is to be waited for.
 * @throws UsageError
 */
export function watchedDeployment(options: CommandOptions): WatchedDeployment | undefined {
  const { waitRollout, namespace } = options;
  if (waitRollout === undefined) return undefined;
  const deployment = typeof waitRollout === 'string' ? waitRollout : undefined;
  const name = deployment === undefined ? undefined : DEPLOYMENT.exec(deployment)?.[1];
  if (deployment !== undefined && name === undefined) {
    throw new UsageError('SLIPWAY_USAGE', `--wait-rollout "${deployment}" names no Deployment`, {
      hint: 'Write for example --wait-rollout deployment/web.',
    });
  }
  return { deployment: name, namespace: typeof namespace === 'string' ? namespace : undefined };
}

/** Upgrades, or takes the database back where the settings and the cluster say so. */
export async function upgradeOrTakeBack(
  run: RunContext,
  db: MigrationDatabase,
  release: Release,
  options: UpgradeOptions,
): Promise<RunOutcome> {
  const { settings, surroundings } = run;
  if (options.onAhead !== 'downgrade') return upgrade(db, release, options, surroundings);
  const useCase = await import('../runner/ahead-downgrade.ts');
  const ahead = { rollout: rolloutOf(run), allowDataLoss: settings.allowDataLoss === 'yes' };
  return useCase.upgradeOrTakeBack(db, release, { ...options, ahead }, surroundings);
}

/**
 * Waits until older pods are gone, if there is something to run then, and answers what has to be asked
 * before each revision.
 * @throws SlipwayError as `waitForRollout`, and as `decideUpgrade`
 */
export async function rolloutGuard(
  run: RunContext,
  release: Release,
  { options, watched }: { readonly options: UpgradeOptions; readonly watched: WatchedDeployment },
): Promise<UpgradeOptions['guard']> {
  // Over a connection of its own: one that idles for minutes may be cut in between.
  const steps = await withDatabase(
    run,
    async ({ migration }) => (await previewUpgrade(migration, release, options)).steps,
  );
  return steps.length === 0 ? undefined : guardAfterRollout(run, watched);
}

/**
 * Waits until older pods are gone, and answers what has to be asked before each revision.
 * @throws SlipwayError as `waitForRollout`
 */
export async function guardAfterRollout(
  run: RunContext,
  watched: WatchedDeployment,
): Promise<UpgradeOptions['guard']> {
  const { settings, surroundings } = run;
  const { contractGuard, waitForRollout } = await import('../runner/wait-for-rollout.ts');
  const rollout = rolloutOf(run, watched);
  const mark = await waitForRollout(rollout, settings.rolloutTimeout, surroundings);
  return contractGuard(rollout, mark, surroundings);
}

/** The client of the cluster is loaded with the first question. */
export function rolloutOf(run: RunContext, watched?: WatchedDeployment): Rollout {
  const { settings, edge } = run;
  let opened: Promise<Rollout> | undefined;
  const open = async (): Promise<Rollout> => {
    const { clusterRollout } = await import('../kubernetes/rollout.ts');
    return clusterRollout({
      environment: {
        kubeconfig: edge.env['KUBECONFIG'],
        serviceHost: edge.env['KUBERNETES_SERVICE_HOST'],
        servicePort: edge.env['KUBERNETES_SERVICE_PORT'],
        homeDir: edge.homeDir,
      },
      pod: {
        name: settings.podName,
        namespace: settings.podNamespace,
        uid: settings.podUid,
        templateHash: settings.podTemplateHash,
        image: settings.image,
      },
      ...watched,
      signal: edge.signal,
    });
  };
  const once = (): Promise<Rollout> => {
    opened ??= open();
    return opened;
  };
  return {
    standing: async () => (await once()).standing(),
    look: async () => (await once()).look(),
  };
}

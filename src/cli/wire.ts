/** Builds the adapters and hands them to use cases. The only place that does. */

import { existsSync } from 'node:fs';
import { resolveTarget } from '../core/resolve.ts';
import { needsDatabase, type PointTarget } from '../core/target.ts';
import { bundleRelease } from '../files/bundle.ts';
import { directoryRelease } from '../files/directory.ts';
import { connectOnce } from '../postgres/connect.ts';
import { liveDatabase } from '../postgres/live.ts';
import { endHolderQuery } from '../postgres/lock.ts';
import { openMigrationDatabase } from '../postgres/migration-database.ts';
import type { LiveDatabase, MigrationDatabase, Release } from '../runner/ports.ts';
import type { Handover } from './handover.ts';
import {
  applicationNameOf,
  continueConnection,
  type OpenConnection,
  openConnection,
} from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** The release that the settings name: a bundle, or a folder of files. */
export function openRelease(run: RunContext): Release {
  const { bundle, dir } = run.settings;
  return bundle === undefined ? directoryRelease(dir) : bundleRelease(bundle);
}

/** The release, where there is one at hand: an operator's laptop may have no files. */
export function releaseAtHand(run: RunContext): Release | undefined {
  const { bundle, dir } = run.settings;
  return bundle === undefined && !existsSync(dir) ? undefined : openRelease(run);
}

/**
 * Refuses files and targets that no database can make sense of, before one is waited for.
 * @throws RevisionFileError, GraphError
 */
export async function checkTargets(
  run: RunContext,
  release: Release,
  targets: readonly PointTarget[],
): Promise<void> {
  // Reading all of a bundle may turn out to be needless; a folder is read in any case.
  if (run.settings.bundle !== undefined) return;
  const graph = await release.graph();
  for (const target of targets) if (!needsDatabase(target)) resolveTarget(graph, target);
}

/** It only looks on: what it cannot see soon it does without. */
const OBSERVER_LIMIT_MS = 3000;

/** An open database: the connection, and all that the runner needs over it. */
export interface OpenDatabase extends OpenConnection {
  readonly migration: MigrationDatabase;
  /** For those who look and change nothing. */
  readonly live: LiveDatabase;
  /**
   * Keeps the connection open when the work is done, for somebody else. Only where nothing but
   * slipway's own questions was sent over it: a revision may leave anything behind in a session.
   */
  keep(): Handover;
}

/** Connects, lets `work` run, and closes. */
export async function withDatabase<T>(
  run: RunContext,
  work: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  const { settings } = run;
  const { handover } = run;
  let url = settings.url?.reveal();
  let opened =
    handover === undefined
      ? await openConnection(run, url)
      : await continueConnection(run, handover);
  if (opened.session.pooled) {
    const direct = settings.directUrl?.reveal();
    run.reporter.report({
      type: 'pooler.detected',
      handling: direct === undefined ? 'transaction-locks' : 'direct-url',
    });
    if (direct !== undefined) {
      await opened.session.close();
      url = direct;
      opened = await openConnection(run, url);
    }
  }
  for (const message of opened.connection.warnings) {
    run.reporter.report({ type: 'warning', message });
  }
  const closings: (() => Promise<void>)[] = [];
  let isKept = false;
  const migrationOver = (
    { session, connection }: OpenConnection,
    lockHeld: boolean,
  ): MigrationDatabase => {
    const { database, close } = openMigrationDatabase(session, {
      searchPath: settings.searchPath,
      context: {
        schema: settings.historySchema,
        runId: run.edge.runId,
        provenance: run.provenance,
        reporter: run.reporter,
      },
      lockHeld,
      connect: () =>
        connectOnce(connection, {
          applicationName: applicationNameOf(run),
          signal: run.edge.signal,
          limitMs: OBSERVER_LIMIT_MS,
        }),
      reopen: async () => migrationOver(await openAgain(run, url, session), false),
    });
    closings.push(close, async () => (isKept ? session.detach() : session.close()));
    return database;
  };
  try {
    return await work({
      ...opened,
      migration: migrationOver(opened, handover?.holdsLock === true),
      live: liveDatabase(opened.session, settings.searchPath),
      keep() {
        isKept = true;
        return { client: opened.session.client, connection: opened.connection, holdsLock: false };
      },
    });
  } finally {
    // A connection that is gone needs no closing.
    await Promise.allSettled(closings.map((close) => close()));
  }
}

/** A new connection in place of `former`, which was lost. */
async function openAgain(
  run: RunContext,
  url: string | undefined,
  former: OpenConnection['session'],
): Promise<OpenConnection> {
  const opened = await openConnection(run, url);
  const { announcedPid, pooled } = former;
  if (announcedPid !== undefined && !pooled) {
    // Where that is not allowed, the server notices by itself after a while.
    await opened.session
      .own(endHolderQuery(run.settings.historySchema, announcedPid))
      .catch(() => undefined);
  }
  return opened;
}

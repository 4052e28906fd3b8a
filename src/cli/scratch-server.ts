/** Makes and drops scratch databases, and never touches a database that it did not make. */

import { availableParallelism } from 'node:os';
import { ConfigError } from '../core/errors.ts';
import type { SlipwayEvent } from '../core/events.ts';
import { connectOnce } from '../postgres/connect.ts';
import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import { scratchAdmin } from '../postgres/scratch-admin.ts';
import { openSession } from '../postgres/session.ts';
import type { ScratchDatabase, ScratchServer } from '../rehearsal/ports.ts';
import { applicationNameOf } from './open-connection.ts';
import type { RunContext } from './run-context.ts';
import {
  openScratchDatabase,
  type PreparableDatabase,
  type ScratchSettings,
} from './scratch-database.ts';
import type { ScratchTarget } from './scratch-target.ts';

/** A scratch server with the means to clean up. */
export interface OpenScratchServer extends ScratchServer {
  /** Where a scratch database is, for other processes. */
  connectionTo(db: ScratchDatabase): ConnectionSettings;
  /** Drops what is left, whatever happened. */
  close(): Promise<void>;
}

/**
 * Connects to the server and makes sure that it is one for this.
 * @throws ConfigError `SLIPWAY_SCRATCH_REFUSED`; ConnectionError
 */
export async function openScratchServer(
  run: RunContext,
  target: ScratchTarget,
  settings: ScratchSettings,
): Promise<OpenScratchServer> {
  const { connection, isOurs } = target;
  const client = await connectOnce(connection, {
    applicationName: applicationNameOf(run),
    signal: run.edge.signal,
    limitMs: run.settings.connectTimeout,
  });
  // Told to stop, it still has to clean up.
  const session = openSession(client, { role: undefined, signal: new AbortController().signal });
  const admin = scratchAdmin(session);
  const { role, historySchema } = run.settings;
  try {
    const trouble = isOurs ? undefined : await admin.trouble(historySchema);
    if (trouble !== undefined) {
      throw new ConfigError('SLIPWAY_SCRATCH_REFUSED', trouble.message, { hint: trouble.hint });
    }
    if (isOurs && role !== undefined) await admin.createRole(role);
  } catch (error) {
    await session.close();
    throw error;
  }
  const leftovers = await admin.leftovers();
  if (leftovers.length > 0) {
    const event: SlipwayEvent = {
      type: 'warning',
      message: `databases of earlier tests that were not dropped: ${leftovers.join(', ')}; drop them when no test runs`,
    };
    run.reporter.report(event);
  }
  const names = new Map<ScratchDatabase, string>();
  let count = 0;
  const to = (database: string): ConnectionSettings => ({ ...connection, database });
  const make = async (template: string | undefined): Promise<PreparableDatabase> => {
    count += 1;
    const name = `${admin.prefix}${run.edge.runId}_${count}`;
    await admin.create(name, { template, owner: role });
    const db = openScratchDatabase(run, to(name), {
      ...settings,
      drop: async () => {
        names.delete(db);
        await admin.drop(name);
      },
    });
    names.set(db, name);
    return db;
  };
  // Roles of the setup belong to the server: they can be made once only.
  let origin: Promise<ScratchDatabase> | undefined;
  const makeOrigin = async (): Promise<ScratchDatabase> => {
    const db = await make(undefined);
    await db.prepare(settings.setup);
    return db;
  };
  return {
    description: `PostgreSQL ${session.serverVersion === undefined ? '' : await admin.version()}${isOurs ? ', started for this' : ''}`,
    jobs: Math.max(1, Math.min(4, availableParallelism())),
    async empty() {
      origin ??= makeOrigin();
      return make((await origin).name);
    },
    copyOf: (origin) => make(origin.name),
    connectionTo: (db) => to(db.name),
    async close() {
      await Promise.allSettled([...names.keys()].map((db) => db.drop()));
      await session.close();
    },
  };
}

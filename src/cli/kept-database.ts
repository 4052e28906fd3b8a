/** A connection that is kept for small questions, and opened again when it is lost or leads elsewhere. */

import { setTimeout } from 'node:timers/promises';
import { DatabaseFailure } from '../core/database-failure.ts';
import { ConnectionError, Interrupted } from '../core/errors.ts';
import { connectOnce } from '../postgres/connect.ts';
import { describeServer } from '../postgres/connection-settings.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { appliedRevisions } from '../postgres/version-table.ts';
import type { AppliedRevisions } from '../runner/ports.ts';
import type { KeptDatabase } from '../runner/schema-watch.ts';
import { applicationNameOf, connectionOf, readUrlFile } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** How long connecting may take, and how long a question: probes wait for the answer. */
const LIMIT_MS = 5000;

interface Kept {
  readonly session: Session;
  readonly applied: AppliedRevisions;
  readonly server: string;
  /** The content of the file that the connection string came from. */
  readonly source: string | undefined;
}

/** Connects with the first question. */
export function keptDatabase(
  run: RunContext,
): KeptDatabase & { readonly close: () => Promise<void> } {
  const { settings, edge } = run;
  let kept: Kept | undefined;

  const open = async (): Promise<Kept> => {
    // A Secret that was rotated is read again, all of it: another password, or another server.
    const source = sourceOf(run);
    const connection = connectionOf(run, settings.url?.reveal());
    const client = await connectOnce(connection, {
      applicationName: applicationNameOf(run),
      signal: edge.signal,
      limitMs: LIMIT_MS,
      random: edge.random,
    });
    const session = openSession(client, { role: settings.role, signal: edge.signal });
    const applied = appliedRevisions(session, {
      schema: settings.historySchema,
      runId: edge.runId,
      provenance: run.provenance,
      reporter: run.reporter,
    });
    kept = { session, applied, server: describeServer(connection), source };
    return kept;
  };
  const close = async (): Promise<void> => {
    const { session } = kept ?? {};
    kept = undefined;
    await session?.close().catch(() => undefined);
  };
  return {
    close,
    async read(look) {
      if (kept !== undefined && kept.source !== sourceOf(run)) await close();
      const before = kept;
      try {
        return await withinLimit(before ?? (await open()), look, edge.signal);
      } catch (error) {
        if (!isLost(error)) throw error;
        await close();
        // One that idled may have been cut by anybody in between: that is no trouble of the database.
        if (before === undefined || edge.signal.aborted) throw error;
        return withinLimit(await open(), look, edge.signal);
      }
    },
  };
}

function sourceOf({ settings }: RunContext): string | undefined {
  const { url, urlFile } = settings;
  return url === undefined && urlFile !== undefined ? readUrlFile(urlFile) : undefined;
}

/** A server that swallows the question gets no second one over the same connection. */
async function withinLimit<T>(
  { applied, server }: Kept,
  look: (applied: AppliedRevisions) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, stop]);
  const expired = setTimeout(LIMIT_MS, undefined, { signal }).then(() => {
    throw new ConnectionError(
      'SLIPWAY_DB_UNREACHABLE',
      `the database at ${server} has not answered for ${LIMIT_MS / 1000} s`,
      { hint: 'See whether the server works and the network lets answers through.' },
    );
  });
  // Ended early by `done`: nobody waits for it then.
  expired.catch(() => undefined);
  try {
    return await Promise.race([look(applied), expired]);
  } catch (error) {
    if (!stop.aborted) throw error;
    throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while looking at the database');
  } finally {
    done.abort();
  }
}

function isLost(error: unknown): boolean {
  return (
    error instanceof ConnectionError ||
    (error instanceof DatabaseFailure && error.kind === 'connection-lost')
  );
}

/** Runs the SQL of revisions: in a transaction each, or outside of one. */

import { type DatabaseFailure, ownWords } from '../core/database-failure.ts';
import type { SessionInfo } from '../core/events.ts';
import type { SqlRunner, StatementLimits, StatementProgress } from '../runner/ports.ts';
import { backfills } from './backfill.ts';
import type { Observer } from './blockers.ts';
import { readEvidence } from './evidence.ts';
import { type Flights, flightsOf } from './flights.ts';
import { sessionPrelude } from './prelude.ts';
import { PACE, type ProgressPace } from './progress.ts';
import type { Session } from './session.ts';
import { inTransaction } from './transaction.ts';
import type { HistoryContext } from './version-table.ts';

export interface SqlRunnerSettings {
  /** Revisions run with this `search_path`; undefined: the server's default for the role. */
  readonly searchPath: string | undefined;
  readonly context: HistoryContext;
  readonly observer: Observer;
  /** When to look how far a statement has come; undefined: as a person would. */
  readonly pace?: ProgressPace | undefined;
}

type NoticeListener = (notice: { severity: string; message: string }) => void;
type BlockedListener = (blockers: readonly SessionInfo[]) => void;
type ProgressListener = (progress: StatementProgress) => void;

/** Runs revisions' SQL on `session`. */
export function sqlRunner(session: Session, settings: SqlRunnerSettings): SqlRunner {
  const noticeListeners = new Set<NoticeListener>();
  const blockedListeners = new Set<BlockedListener>();
  const progressListeners = new Set<ProgressListener>();
  const { pace = PACE } = settings;
  const onBlocked: BlockedListener = (by) => {
    for (const listener of blockedListeners) listener(by);
  };
  const onProgress: ProgressListener = (progress) => {
    for (const listener of progressListeners) listener(progress);
  };
  session.client.on('notice', ({ severity = 'NOTICE', message = '', code }) => {
    // A rollback after a syntax error finds no transaction to roll back: that is no news.
    if (code === NO_ACTIVE_TRANSACTION) return;
    for (const listener of noticeListeners) listener({ severity, message });
  });
  /** Flights outside a transaction block, the session's settings first. */
  const outside = async (limits: StatementLimits): Promise<Flights> => {
    if (session.pooled) throw needsDirectConnection();
    const flights = flightsOf(session, {
      observer: settings.observer,
      onBlocked,
      pace,
      onProgress,
      lockTimeoutMs: limits.lockTimeoutMs,
      schema: settings.context.schema,
    });
    await flights.land([
      flights.send(sessionPrelude(session, settings.searchPath, limits).join('; ')),
    ]);
    return flights;
  };
  return {
    transaction: (options, work) =>
      inTransaction(session, { ...settings, onBlocked, pace, onProgress }, options, work),
    async outside(statement, limits) {
      const flights = await outside(limits);
      await flights.land(await flights.run([statement], []));
    },
    async ask(statement, query, limits) {
      const flights = await outside(limits);
      const [answer] = await flights.land([flights.send(query, statement)]);
      return Object.values(answer?.rows[0] ?? {})[0] === true;
    },
    backfills: backfills(session, settings.context.schema, outside),
    async evidence(postcondition, limits) {
      // With the settings of its statement: the search path decides what a name means.
      await outside(limits);
      const { verdict, fact } = await readEvidence(session, postcondition);
      return { verdict, fact };
    },
    async removeRemnant(postcondition, limits) {
      const flights = await outside(limits);
      const { removal } = await readEvidence(session, postcondition);
      for (const text of removal) await flights.land([flights.send(text)]);
    },
    onNotice: (listener) => subscribe(noticeListeners, listener),
    onBlocked: (listener) => subscribe(blockedListeners, listener),
    onProgress: (listener) => subscribe(progressListeners, listener),
  };
}

const NO_ACTIVE_TRANSACTION = '25P01';

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function needsDirectConnection(): DatabaseFailure {
  return ownWords(
    'needs-direct-connection',
    'a statement that cannot run in a transaction cannot run behind a transaction pooler either',
  );
}

/**
 * A database in memory with all ports of the runner. Its state is one immutable value, so that a
 * transaction is a copy that either replaces it or is dropped. Traps make it fail at any point.
 */

import { EMPTY_DIGEST } from '../../src/core/applied.ts';
import type { ReplicaLag } from '../../src/core/backfill.ts';
import { DatabaseFailure } from '../../src/core/database-failure.ts';
import type { SessionInfo } from '../../src/core/events.ts';
import type { Statement } from '../../src/core/revision.ts';
import { hiddenWords } from '../../src/core/soft-drop.ts';
import type {
  AuditEntry,
  LoggedEntry,
  MigrationDatabase,
  StatementProgress,
  TransactionOptions,
} from '../../src/runner/ports.ts';
import { after, afterBatch, fakeBackfills, moved } from './fake-backfill.ts';
import { answer, answerRows, evidenceOf, failure, type Objects } from './fake-catalog.ts';
import {
  AUDIT_EVENT,
  EMPTY,
  idOf,
  journaled,
  PROVENANCE,
  recorded,
  type State,
} from './fake-history.ts';
import { fakeLive } from './fake-live.ts';
import { releasesIn } from './fake-releases.ts';
import { softDropped } from './fake-soft-drops.ts';
import { type Operation, type Trap, traps } from './traps.ts';

/** The server behind the sessions. */
export interface FakeServer {
  readonly state: State;
  /** Each statement of a revision that was sent, in order, rolled back or not. */
  readonly sent: readonly string[];
  /** The options of each transaction that was committed. */
  readonly commits: readonly TransactionOptions[];
  connect(options?: { readonly pooled?: boolean }): MigrationDatabase;
  trap(trap: Trap): void;
  /** Somebody else takes the migration lock, and gives it back when the function is called. */
  holdLock(holder: SessionInfo): () => void;
  /** Leaves an object behind, as another session would. */
  put(name: string, state: 'valid' | 'invalid'): void;
  /** Makes a table as large as this. */
  grow(table: string, bytes: number): void;
  /** What is answered about replicas: without it there are none. */
  replicas(lag: () => ReplicaLag | undefined): void;
  /** Goes back to an earlier state, as a server does that crashed before it flushed. */
  crashTo(earlier: State): void;
  /** Says something to whoever runs statements. */
  notice(message: string): void;
  blocked(by: readonly SessionInfo[]): void;
  progress(progress: StatementProgress): void;
}

type Listeners<T> = Set<(value: T) => void>;

/** A server with an empty database. */
export function fakeServer(): FakeServer {
  let state = EMPTY;
  let lockHolder: SessionInfo | undefined;
  let clock = Date.UTC(2026, 0, 2);
  let nextPid = 100;
  let replicaLag: () => ReplicaLag | undefined = () => ({ lagMs: 0, replica: undefined });
  const sent: string[] = [];
  const commits: TransactionOptions[] = [];
  const sizes = new Map<string, number>();
  const { arm, spring } = traps();
  const noticeListeners: Listeners<{ severity: string; message: string }> = new Set();
  const blockedListeners: Listeners<readonly SessionInfo[]> = new Set();
  const progressListeners: Listeners<StatementProgress> = new Set();

  const time = (): string => new Date(clock++).toISOString();

  function connect({ pooled = false }: { readonly pooled?: boolean } = {}): MigrationDatabase {
    const me: SessionInfo = {
      pid: nextPid++,
      application: 'slipway/test',
      pod: undefined,
      user: 'migrator',
      client: undefined,
      state: 'active',
      ageMs: 0,
      query: undefined,
    };
    let lost = false;

    async function perform<T>(operation: Operation, subject: string, work: () => T): Promise<T> {
      if (lost) throw failure('connection-lost', 'Connection terminated');
      try {
        await spring(operation, 'before', subject);
        const value = work();
        await spring(operation, 'after', subject);
        return value;
      } catch (error) {
        if (error instanceof DatabaseFailure && error.kind === 'connection-lost') {
          lost = true;
          if (lockHolder === me) lockHolder = undefined;
        }
        throw error;
      }
    }
    const ofStatement = (statement: Statement) => (error: unknown) => {
      if (!(error instanceof DatabaseFailure)) throw error;
      const { kind, fields, blockers, cause } = error;
      throw new DatabaseFailure(kind, fields, { statement, blockers, cause });
    };
    const logged = (event: AuditEntry['event'], entry: Omit<AuditEntry, 'event'>): LoggedEntry => ({
      at: time(),
      event,
      revision: entry.revision,
      role: 'migrator',
      provenance: PROVENANCE,
      detail: entry.detail,
    });
    const openDirectly = (): void => {
      if (pooled) throw failure('needs-direct-connection', 'a pooler is in between');
    };

    return {
      applied: {
        summary: async () => state.summary,
        list: () =>
          perform('list', '', () => {
            if (state.summary === undefined) throw failure('other', 'no such table');
            return state.rows.map(({ source: _, ...row }) => row);
          }),
        sources: async (ids) =>
          new Map(
            state.rows.filter((row) => ids.includes(row.id)).map((row) => [row.id, row.source]),
          ),
        prepare: () =>
          perform('prepare', '', () => {
            state = {
              ...state,
              summary: state.summary ?? {
                heads: [],
                digest: EMPTY_DIGEST,
                applied: 0,
                floor: undefined,
              },
            };
          }),
        audit: (entry) =>
          perform('audit', entry.event, () => {
            state = { ...state, log: [...state.log, logged(entry.event, entry)] };
          }),
        releases: async () => releasesIn(state.log),
        recentLog: async (limit, event) =>
          state.log
            .filter((entry) => event === undefined || entry.event === event)
            .toReversed()
            .slice(0, limit),
      },
      journal: {
        read: async (revision) =>
          state.journal
            .filter((entry) => entry.revision === revision)
            .map(({ revision: _, ...entry }) => entry)
            .sort((a, b) => a.ordinal - b.ordinal),
        write: (revision, entry) =>
          perform('journal', entry.state, () => {
            state = journaled(state, revision, entry, time());
          }),
      },
      lock: {
        held: false,
        released: () => new Promise(() => undefined),
        get scope() {
          return pooled ? 'transaction' : 'session';
        },
        async tryAcquire() {
          if (pooled) return lockHolder === undefined;
          lockHolder ??= me;
          return lockHolder === me;
        },
        release: () =>
          perform('release', '', () => {
            if (lockHolder === me) lockHolder = undefined;
          }),
        holder: async () => lockHolder,
      },
      sql: {
        async transaction(options, work) {
          const before = state;
          if (pooled && lockHolder !== undefined) {
            throw failure('stale-plan', 'another runner holds the migration lock');
          }
          if (pooled && state.summary?.digest !== options.expectedDigest) {
            throw failure('stale-plan', 'another runner changed the history');
          }
          let draft = state;
          let aborted = false;
          const value = await work({
            async run(statements) {
              for (const statement of statements) {
                sent.push(statement.text);
                await perform('statement', statement.text, () => {
                  draft = afterStatement(draft, statement, time());
                }).catch(ofStatement(statement));
              }
            },
            ask: (statement, query) =>
              perform('statement', query, () => answer(draft.objects, query)[0] === true).catch(
                ofStatement(statement),
              ),
            check: (statement) =>
              perform('statement', statement.text, () =>
                answer(draft.objects, statement.text),
              ).catch(ofStatement(statement)),
            query: (statement, values) => {
              sent.push(statement.text);
              return perform('statement', statement.text, () => {
                if (aborted)
                  throw failure('other', 'transaction is aborted', { sqlState: '25P02' });
                aborted = true;
                draft = after(draft, statement.text, true);
                const batch = afterBatch(draft, statement.text, values);
                if (batch !== undefined) {
                  draft = batch.state;
                  aborted = false;
                  return { rows: [], rowCount: batch.rowCount };
                }
                const rows = answerRows(draft.objects, statement.text, values);
                aborted = false;
                return { rows, rowCount: rows.length };
              }).catch(ofStatement(statement));
            },
            async moveCursor(place, move) {
              draft = moved(draft, place, move);
            },
            journal: (revision, entry) =>
              perform('journal', entry.state, () => {
                draft = journaled(draft, revision, entry, time());
              }),
            record: (change) =>
              perform('record', change.kind, () => {
                if (draft.summary?.digest !== change.summary.before) {
                  throw failure('stale-plan', 'another runner changed the history');
                }
                const { heads } = change.summary.after;
                const entry = logged(AUDIT_EVENT[change.kind], {
                  revision: idOf(change),
                  detail: {
                    heads,
                    ...('approved' in change && change.approved !== undefined
                      ? { approvedBy: change.approved.by, hazards: change.approved.hazards }
                      : {}),
                    ...('hidden' in change
                      ? { object: hiddenWords(change.hidden), hiddenName: change.hidden.hiddenName }
                      : {}),
                    ...('reason' in change
                      ? { action: change.kind, reason: change.reason, about: change.about }
                      : {}),
                  },
                });
                draft = {
                  ...recorded(draft, change, time()),
                  summary: change.summary.after,
                  log: [...draft.log, entry],
                };
              }),
          });
          await perform('commit', '', () => {
            if (state.summary?.digest !== before.summary?.digest) {
              throw failure('stale-plan', 'another runner changed the history');
            }
            state = draft;
            commits.push(options);
          }).catch((error: unknown) => {
            if (!(error instanceof DatabaseFailure) || error.kind !== 'connection-lost')
              throw error;
            throw failure('commit-unknown', error.message);
          });
          return value;
        },
        async outside(statement) {
          openDirectly();
          sent.push(statement.text);
          await perform('outside', statement.text, () => {
            state = after(state, statement.text, false);
          }).catch(ofStatement(statement));
        },
        async ask(_statement, query) {
          openDirectly();
          return answer(state.objects, query)[0] === true;
        },
        backfills: fakeBackfills({
          get state() {
            return state;
          },
          set state(next) {
            state = next;
          },
          replicaLag: () => replicaLag(),
          perform: (subject, work) => perform('statement', subject, work),
        }),
        evidence: async (post) => evidenceOf(state.objects, post),
        async removeRemnant(post) {
          if (!('index' in post) || post.index === undefined) return;
          if (evidenceOf(state.objects, post).verdict !== 'remnant') return;
          sent.push(`remove remnant ${post.index}`);
          state = { ...state, objects: without(state.objects, post.index) };
        },
        onNotice: (listener) => subscribe(noticeListeners, listener),
        onBlocked: (listener) => subscribe(blockedListeners, listener),
        onProgress: (listener) => subscribe(progressListeners, listener),
      },
      live: fakeLive(() => state.objects, sizes),
      softDrops: {
        list: async () =>
          state.hidden.map((each) => ({ ...each, ageMs: clock - Date.parse(each.hiddenAt) })),
      },
      reopen: async () => {
        await spring('reopen', 'before', '');
        return connect({ pooled });
      },
    };
  }

  return {
    get state() {
      return state;
    },
    sent,
    commits,
    connect,
    trap: arm,
    holdLock(holder) {
      lockHolder = holder;
      return () => {
        if (lockHolder === holder) lockHolder = undefined;
      };
    },
    put(name, as) {
      state = { ...state, objects: new Map([...state.objects, [name, as]]) };
    },
    grow(table, bytes) {
      sizes.set(table, bytes);
    },
    replicas(lag) {
      replicaLag = lag;
    },
    crashTo(earlier) {
      state = earlier;
    },
    notice(message) {
      for (const listener of noticeListeners) listener({ severity: 'NOTICE', message });
    },
    blocked(by) {
      for (const listener of blockedListeners) listener(by);
    },
    progress(progress) {
      for (const listener of progressListeners) listener(progress);
    },
  };
}

/** What drops something hidden for good drops nothing that anybody else knows by its name. */
function afterStatement(state: State, { text, softDrop }: Statement, at: string): State {
  if (softDrop !== undefined) return softDropped(state, softDrop, at);
  const isPurge = state.hidden.some(({ hiddenName }) => text.includes(hiddenName));
  return isPurge ? state : after(state, text, true);
}

function subscribe<T>(listeners: Listeners<T>, listener: (value: T) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function without(objects: Objects, name: string): Objects {
  return new Map([...objects].filter(([other]) => other !== name));
}

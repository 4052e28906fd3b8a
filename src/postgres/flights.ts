/** Sends statements of revisions many at a time and sorts out which of them failed, and why. */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { SessionInfo } from '../core/events.ts';
import type { Statement } from '../core/revision.ts';
import type { StatementProgress } from '../runner/ports.ts';
import { type Observer, watchBlockers } from './blockers.ts';
import { copyIn } from './copy-in.ts';
import { toFailure } from './failure.ts';
import { type ProgressPace, type Running, watchProgress } from './progress.ts';
import type { OwnQuery, Row, Session } from './session.ts';
import { sentText } from './soft-drop-statement.ts';

/** What one statement answered. */
export interface Answer {
  readonly command: string;
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  /** Null for commands that count no rows. */
  readonly rowCount: number | null;
}

/** Something sent and not yet answered; `statement` is undefined for slipway's own. */
export interface Flight {
  readonly statement: Statement | undefined;
  readonly answer: Promise<Answer>;
  /** When it was answered; undefined before. */
  readonly answeredMs: number | undefined;
}

export interface Flights {
  send(text: string, statement?: Statement): Flight;
  /** Sends one statement and no more, with parameters. */
  sendWith(statement: Statement, values: readonly unknown[]): Flight;
  /** Awaits all answers. @throws DatabaseFailure: the first real one, with its statement */
  land(flights: readonly Flight[]): Promise<readonly Answer[]>;
  /** Sends one of slipway's own queries, inside the transaction that is open. */
  sendOwn(query: OwnQuery): Flight;
  /**
   * Sends `statements` behind `before`, and returns what was not yet awaited of all that: to be
   * landed together with what follows, which saves a round trip.
   */
  run(statements: readonly Statement[], before: readonly Flight[]): Promise<readonly Flight[]>;
}

/** How much is sent before the first answer is awaited. */
const STATEMENTS_ALOFT = 100;
const CHARACTERS_ALOFT = 1_000_000;
/** in_failed_sql_transaction: what follows a failure fails too, and says nothing of its own. */
const IN_FAILED_TRANSACTION = '25P02';
const WATCH_AFTER_MS = 1000;

/** Flights over `session`, watched by `observer` for those who block them. */
export function flightsOf(
  session: Session,
  options: {
    readonly observer: Observer;
    readonly lockTimeoutMs: number;
    readonly onBlocked: (blockers: readonly SessionInfo[]) => void;
    readonly pace: ProgressPace;
    readonly onProgress: (progress: StatementProgress) => void;
    /** The history schema, where soft drops are remembered. */
    readonly schema: string;
  },
): Flights {
  const { client } = session;
  const { observer, onBlocked, onProgress, pace } = options;
  const history = { schema: options.schema, role: session.role };
  /** A flight may fail before somebody waits for it: that is told when it lands, and not before. */
  const aloftWith = (answer: Promise<Answer>, statement?: Statement): Flight => {
    const flight = { statement, answer, answeredMs: undefined as number | undefined };
    const answered = (): void => {
      flight.answeredMs = pace.now();
    };
    answer.then(answered, answered);
    return flight;
  };
  const firstMs = Math.max(10, Math.min(WATCH_AFTER_MS, options.lockTimeoutMs / 2));

  const flights: Flights = {
    send: (text, statement) => aloftWith(client.query<Row>(text).then(answerOf), statement),
    sendWith(statement, values) {
      // The extended protocol, also without parameters: it takes one statement at a time.
      const query = { text: statement.text, values: [...values], queryMode: 'extended' };
      return aloftWith(client.query<Row>(query).then(answerOf), statement);
    },
    sendOwn: (query) => aloftWith(session.send(query).then((rows) => ({ ...NO_ANSWER, rows }))),
    async land(aloft) {
      if (aloft.length === 0) return [];
      // Behind a pooler it is another one in each transaction.
      const { backendPid } = session;
      const watch =
        backendPid === undefined
          ? undefined
          : watchBlockers(observer, backendPid, { firstMs, onBlocked });
      const startMs = pace.now();
      const progress = watchProgress(observer, backendPid, {
        pace,
        running: () => runningOf(aloft, startMs),
        waitingFor: () => watch?.now ?? [],
        onProgress,
      });
      try {
        const results = await session.cancellable(() =>
          Promise.allSettled(aloft.map((flight) => flight.answer)),
        );
        const failures = results.flatMap((result, index) =>
          result.status === 'rejected'
            ? [toFailure(result.reason, { statement: aloft[index]?.statement })]
            : [],
        );
        const cause =
          failures.find((failure) => failure.fields.sqlState !== IN_FAILED_TRANSACTION) ??
          failures[0];
        if (cause === undefined) {
          return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        }
        if (cause.kind !== 'lock-timeout') throw cause;
        throw new DatabaseFailure(cause.kind, cause.fields, {
          statement: cause.statement,
          blockers: watch?.seen ?? [],
          cause: cause.cause,
        });
      } finally {
        watch?.stop();
        progress.stop();
      }
    },
    async run(statements, before) {
      let aloft = [...before];
      let characters = 0;
      const landAll = async (): Promise<void> => {
        await flights.land(aloft);
        aloft = [];
        characters = 0;
      };
      for (const statement of statements) {
        if (statement.copyData !== undefined) {
          await landAll();
          const answer = copyIn(client, statement.text, statement.copyData).then(() => NO_ANSWER);
          await flights.land([aloftWith(answer, statement)]);
          continue;
        }
        const text = sentText(statement, history);
        aloft.push(flights.send(text, statement));
        characters += text.length;
        if (aloft.length >= STATEMENTS_ALOFT || characters >= CHARACTERS_ALOFT) await landAll();
      }
      return aloft;
    },
  };
  return flights;
}

/** The server works on one after the other: on the first that it has not answered. */
function runningOf(aloft: readonly Flight[], startMs: number): Running | undefined {
  const index = aloft.findIndex((flight) => flight.answeredMs === undefined);
  if (index < 0) return undefined;
  const sinceMs = aloft[index - 1]?.answeredMs ?? startMs;
  return { statement: aloft[index]?.statement, sinceMs: Math.max(sinceMs, startMs) };
}

const NO_ANSWER: Answer = { command: '', rows: [], columns: [], rowCount: null };

interface DriverResult {
  readonly command: string | null;
  readonly rows: Row[];
  readonly rowCount: number | null;
  readonly fields?: readonly { readonly name: string }[];
}

/** Several statements in one message give several results: the last one counts. */
function answerOf(result: DriverResult | readonly DriverResult[]): Answer {
  const last = Array.isArray(result)
    ? (result as readonly DriverResult[]).at(-1)
    : (result as DriverResult);
  return {
    command: last?.command ?? '',
    rows: last?.rows ?? [],
    columns: last?.fields?.map((field) => field.name) ?? [],
    rowCount: last?.rowCount ?? null,
  };
}

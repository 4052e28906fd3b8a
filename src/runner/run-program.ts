/** Runs a TypeScript revision's functions inside the revision's transaction, and finds out where they failed. */

import { DatabaseFailure, ownWords } from '../core/database-failure.ts';
import type { QueryResult, RevisionDatabase, RevisionProgram } from '../core/program.ts';
import type { Statement } from '../core/revision.ts';
import { commandOfText, copiesWithClient, hasTransactionControl } from '../sql/first-words.ts';
import { offsetOfLocation } from '../sql/location.ts';
import type { RevisionTransaction, Surroundings } from './ports.ts';
import type { Step } from './step.ts';

/**
 * Runs the function of `step`'s direction, and after an upgrade its `verify`; answers how many
 * statements that were.
 * @throws DatabaseFailure: also for what the revision's own code throws, with its place
 */
export async function runProgram(
  tx: RevisionTransaction,
  step: Step,
  program: RevisionProgram,
  surroundings: Surroundings,
): Promise<number> {
  const run = { tx, step, program, surroundings };
  const work = step.direction === 'upgrade' ? program.up : program.down;
  let statements = 0;
  if (work !== undefined) statements += (await call(run, work)).statements;
  const { verify } = program;
  if (step.direction === 'upgrade' && verify !== undefined) {
    const { answer } = await call(run, verify);
    if (answer === false) throw ownWords('not-verified', 'the function verify answered false');
  }
  return statements;
}

interface ProgramRun {
  readonly tx: RevisionTransaction;
  readonly step: Step;
  readonly program: RevisionProgram;
  readonly surroundings: Surroundings;
}

/** Calls one of the functions with a handle that ends with it. */
async function call<T>(
  run: ProgramRun,
  work: (db: RevisionDatabase) => Promise<T>,
): Promise<{ readonly answer: T; readonly statements: number }> {
  const handle = openHandle(run);
  let answer: T;
  const stop = stopRequest(run.surroundings.signal);
  try {
    answer = await Promise.race([work(handle.db), stop.requested]);
  } catch (error) {
    await handle.close();
    // What runs on the server is cancelled by now, and says where the revision was.
    if (error === STOPPED) throw handle.failure ?? ownWords('cancelled', 'told to stop');
    if (error instanceof DatabaseFailure) throw error;
    // What the server said explains more than what the code made of it.
    throw (await endOfTransaction(run.tx, handle)) ?? withPlace(run, error);
  } finally {
    stop.forget();
  }
  const forgotten = await handle.close();
  const end = await endOfTransaction(run.tx, handle);
  if (end !== undefined) throw end;
  if (forgotten !== undefined) {
    throw ownWords('other', 'the revision went on without waiting for this query', {
      statement: forgotten,
      hint: 'Write await before every db.query, also in loops and callbacks.',
    });
  }
  return { answer, statements: handle.statements };
}

const STOPPED = Symbol('told to stop');

/** Code of a revision may wait for anything, or catch what a cancelled query throws: it is left behind. */
function stopRequest(signal: AbortSignal): {
  readonly requested: Promise<never>;
  readonly forget: () => void;
} {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(STOPPED);
  promise.catch(() => undefined);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { requested: promise, forget: () => signal.removeEventListener('abort', stop) };
}

interface Handle {
  readonly db: RevisionDatabase;
  readonly statements: number;
  /** The last thing that the server refused, if any. */
  readonly failure: DatabaseFailure | undefined;
  /** Ends the handle; the call whose answer nobody had waited for, if any. */
  close(): Promise<Statement | undefined>;
}

function openHandle(run: ProgramRun): Handle {
  const { tx, step, surroundings } = run;
  const underWay = new Map<Promise<unknown>, Statement>();
  let statements = 0;
  let failure: DatabaseFailure | undefined;
  let isOpen = true;

  async function send(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<QueryResult<object>> {
    if (!isOpen) {
      // A loop that catches this must let the process end.
      await new Promise(setImmediate);
      throw ownWords('other', 'the revision has ended, and its db with it', { statement });
    }
    if (hasTransactionControl(statement.text)) {
      throw ownWords('other', `"${statement.command}" is transaction control`, {
        statement,
        hint: "Remove it: slipway begins and commits the revision's transaction.",
      });
    }
    if (copiesWithClient(statement.text)) {
      throw ownWords('other', 'rows cannot be copied from or to a TypeScript revision', {
        statement,
        hint: 'Send them as parameters, a thousand at a time: insert … select from unnest($1::text[]); or put the copy into an SQL revision.',
      });
    }
    statements += 1;
    surroundings.reporter.report({
      type: 'statement.started',
      revision: step.revision.id,
      command: statement.command,
      location: `${step.revision.file}:${statement.line}:${statement.column}`,
    });
    return tx.query(statement, values);
  }

  return {
    db: {
      query<Row extends object>(text: string, values: readonly unknown[] = []) {
        const statement = statementAt(run, text, new Error().stack);
        const answer = send(statement, values);
        underWay.set(answer, statement);
        answer.then(
          () => underWay.delete(answer),
          (error: unknown) => {
            underWay.delete(answer);
            if (error instanceof DatabaseFailure) failure = error;
          },
        );
        // The caller says what its rows look like.
        return answer as Promise<QueryResult<Row>>;
      },
    },
    get statements() {
      return statements;
    },
    get failure() {
      return failure;
    },
    async close() {
      isOpen = false;
      const [forgotten] = underWay.values();
      await Promise.allSettled(underWay.keys());
      return forgotten;
    },
  };
}

/** The failure that ended the transaction; none where the revision went back to a savepoint. */
async function endOfTransaction(
  tx: RevisionTransaction,
  { failure }: Handle,
): Promise<DatabaseFailure | undefined> {
  if (failure?.statement === undefined) return failure;
  const probe = { ...failure.statement, text: 'select 1', command: 'select' };
  return tx.query(probe, []).then(
    () => undefined,
    () => failure,
  );
}

function withPlace(run: ProgramRun, error: unknown): DatabaseFailure {
  const { message, stack } =
    error instanceof Error ? error : { message: String(error), stack: undefined };
  const place = run.program.locate(stack ?? '');
  const { fields } = ownWords('other', message.split('\n')[0] || 'an error without a message');
  return new DatabaseFailure('other', fields, {
    cause: error,
    statement: place === undefined ? undefined : statementAt(run, '', stack),
  });
}

/** The call of `db.query` as a statement of the revision: its place is that of the call. */
function statementAt(run: ProgramRun, text: string, stack: string | undefined): Statement {
  const place = run.program.locate(stack ?? '') ?? { line: 1, column: 1 };
  return {
    text,
    command: commandOfText(text),
    offset: offsetOfLocation(run.step.revision.source, place),
    ...place,
    onlyIf: undefined,
    idempotent: false,
    ignores: [],
    copyData: undefined,
    facts: {
      dataLoss: [],
      compatibility: { verdict: 'unknown', reason: 'TypeScript' },
      transactional: true,
      interruption: 'unknown',
      postcondition: undefined,
      locks: [],
      work: [],
      opaque: true,
    },
  };
}

/** Turns what the database said about a statement into an error that a person can act on. */

import { DatabaseFailure } from '../core/database-failure.ts';
import {
  ConfigError,
  ConnectionError,
  Interrupted,
  type Json,
  LockError,
  RunError,
  type SlipwayError,
} from '../core/errors.ts';
import type { SessionInfo } from '../core/events.ts';
import type { RevisionId, Statement } from '../core/revision.ts';
import { describeSession } from '../core/session-text.ts';
import { excerpt, locate, offsetOfCharacter } from '../sql/location.ts';
import type { Step } from './step.ts';

/** What had happened when the statement failed. */
export interface FailureContext {
  readonly step: Step;
  /** Revisions finished earlier in the same run. */
  readonly finished: readonly RevisionId[];
  readonly heads: readonly RevisionId[];
  /** False for a revision that runs outside a transaction. */
  readonly rolledBack: boolean;
  /** Set when the process was told to stop. */
  readonly interrupted: boolean;
  readonly retries: number;
}

/** The error for a failed step; anything that is not a database failure is passed through. */
export function stepFailure(error: unknown, context: FailureContext): unknown {
  if (!(error instanceof DatabaseFailure)) return error;
  const { step } = context;
  const place = error.statement === undefined ? undefined : placeOf(error, error.statement, step);
  const details = failureDetails(error, place, context);
  const at = place === undefined ? '' : ` at ${place.at}`;
  const subject = `revision "${step.revision.id}"`;
  const base = { cause: error, details };
  if (context.interrupted && error.kind === 'connection-lost') {
    return new Interrupted(
      'SLIPWAY_INTERRUPTED',
      `stopped in ${subject}${at}; the server did not answer any more, so the connection was closed`,
      { ...base, hint: 'The server ends the session by itself. The next run continues from here.' },
    );
  }
  if (context.interrupted && error.kind === 'cancelled') {
    return new Interrupted(
      'SLIPWAY_INTERRUPTED',
      `stopped in ${subject}${at}; the statement was cancelled${context.rolledBack ? ' and the revision rolled back' : ''}`,
      { ...base, hint: 'The next run continues from here.' },
    );
  }
  switch (error.kind) {
    case 'lock-timeout':
      return new LockError(
        'SLIPWAY_OBJECT_LOCK_TIMEOUT',
        `${subject}${at}: the lock was not obtained in ${context.retries + 1} ${context.retries === 0 ? 'try' : 'tries'}${blockedBy(error.blockers)}`,
        { ...base, hint: blockerHint(error.blockers) },
      );
    case 'connection-lost':
      return new ConnectionError(
        'SLIPWAY_DB_CONNECTION_LOST',
        `the connection was lost in ${subject}${at}${context.rolledBack ? ', which is rolled back' : ''}: ${error.message}`,
        {
          ...base,
          hint: context.rolledBack
            ? 'Nothing of it was committed; the next run starts with it.'
            : 'The next run asks the catalog what became of the statement and continues from there.',
        },
      );
    case 'read-only':
      return readOnly(error, base);
    case 'not-verified':
      return new RunError(
        'SLIPWAY_VERIFY_FAILED',
        `${subject} did not verify${at}: ${error.message}`,
        { ...base, hint: 'See what the query asks for, and correct the revision or the query.' },
      );
    case 'needs-direct-connection':
      return new ConfigError('SLIPWAY_POOLER_UNSUPPORTED', `${subject}: ${error.message}`, {
        ...base,
        hint: 'Give slipway a connection past the pooler with SLIPWAY_DIRECT_URL.',
      });
    case 'privilege':
      return new RunError('SLIPWAY_PRIVILEGE_MISSING', `${subject}${at}: ${error.message}`, {
        ...base,
        hint: 'Grant the privilege, or let slipway act as the owner with --role.',
      });
    default:
      return new RunError('SLIPWAY_REVISION_FAILED', `${subject} failed${at}: ${error.message}`, {
        ...base,
        hint: nextStep(error, context),
      });
  }
}

/** An error for slipway's own statements, which belong to no revision. */
export function ownFailure(
  error: unknown,
  doing: string,
  /** Set when the process was told to stop: then slipway itself may have closed the connection. */
  interrupted = false,
): SlipwayError | unknown {
  if (!(error instanceof DatabaseFailure)) return error;
  const base = { cause: error, details: { ...fieldsOf(error) } };
  if (interrupted && ['cancelled', 'connection-lost'].includes(error.kind)) {
    return new Interrupted('SLIPWAY_INTERRUPTED', `stopped while ${doing}`, {
      ...base,
      hint: 'The next run continues from here.',
    });
  }
  switch (error.kind) {
    case 'read-only':
      return readOnly(error, base);
    case 'connection-lost':
      return new ConnectionError(
        'SLIPWAY_DB_CONNECTION_LOST',
        `the connection was lost while ${doing}: ${error.message}`,
        { ...base, hint: 'Run slipway again.' },
      );
    case 'commit-unknown':
      return new ConnectionError(
        'SLIPWAY_DB_CONNECTION_LOST',
        `the connection was lost at the commit while ${doing}, and whether it happened is not known: ${error.message}`,
        { ...base, hint: 'slipway status tells; run slipway again if it did not happen.' },
      );
    case 'privilege':
      return new RunError('SLIPWAY_PRIVILEGE_MISSING', `${doing}: ${error.message}`, {
        ...base,
        hint: 'Grant the privilege, or let slipway act as the owner with --role.',
      });
    case 'lock-timeout':
    case 'cancelled':
      return new LockError('SLIPWAY_OBJECT_LOCK_TIMEOUT', `${doing}: ${error.message}`, {
        ...base,
        hint: blockerHint(error.blockers),
      });
    default:
      // SQL of ours that the server does not understand is a bug of ours.
      if (error.fields.sqlState?.startsWith('42') ?? true) return error;
      return new RunError('SLIPWAY_HISTORY_FAILED', `${doing}: ${error.message}`, {
        ...base,
        hint: 'Mend what the server complains about, and run slipway again.',
      });
  }
}

function readOnly(
  error: DatabaseFailure,
  base: { readonly cause: unknown; readonly details: { readonly [key: string]: Json | undefined } },
): ConnectionError {
  return new ConnectionError(
    'SLIPWAY_DB_READ_ONLY',
    `the database is read-only: ${error.message}`,
    {
      ...base,
      hint: 'Connect to the primary, or name all hosts and target_session_attrs=read-write.',
    },
  );
}

interface Place {
  readonly at: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

function placeOf(error: DatabaseFailure, statement: Statement, step: Step): Place {
  const { source, file } = step.revision;
  const { position } = error.fields;
  // The SQL of a TypeScript revision is no part of its file: there the call has to do.
  const isWithin = position !== undefined && step.program === undefined;
  const offset = statement.offset + (isWithin ? offsetOfCharacter(statement.text, position) : 0);
  const { line, column } = locate(source, offset);
  return { at: `${file}:${line}:${column}`, file, line, column, excerpt: excerpt(source, offset) };
}

function failureDetails(
  error: DatabaseFailure,
  place: Place | undefined,
  context: FailureContext,
): { readonly [key: string]: Json | undefined } {
  const { step } = context;
  return {
    revision: step.revision.id,
    description: step.revision.description,
    direction: step.direction,
    file: place?.file ?? step.revision.file,
    line: place?.line,
    column: place?.column,
    excerpt: place?.excerpt,
    ...fieldsOf(error),
    blockers: error.blockers.length === 0 ? undefined : error.blockers.map((b) => ({ ...b })),
    rolledBack: context.rolledBack,
    finished: context.finished,
    heads: context.heads,
  };
}

function fieldsOf(error: DatabaseFailure): { readonly [key: string]: Json | undefined } {
  const { fields } = error;
  return {
    sqlState: fields.sqlState,
    message: fields.message,
    detail: fields.detail,
    hint: fields.hint,
    where: fields.where,
    constraint: fields.constraint,
    table: fields.table,
  };
}

function blockedBy(blockers: readonly SessionInfo[]): string {
  const [first] = blockers;
  if (first === undefined) return '';
  const more = blockers.length > 1 ? ` and ${blockers.length - 1} more` : '';
  return `; blocked by ${describeSession(first)}${more}`;
}

function blockerHint(blockers: readonly SessionInfo[]): string {
  const [first] = blockers;
  return first === undefined
    ? 'Try again when the table is less busy, or allow more with --lock-retries and --lock-timeout.'
    : `Wait for pid ${first.pid} to finish, or end it: select pg_terminate_backend(${first.pid}). The next run tries again.`;
}

/** untranslatable_character: one that the database's encoding does not have. */
const NOT_IN_ENCODING = '22P05';

/** out_of_memory in the shared lock table, as thousands of new tables in one transaction cause. */
const OUT_OF_LOCKS = '53200';

function nextStep(error: DatabaseFailure, context: FailureContext): string {
  const { step } = context;
  if (error.kind === 'cancelled') {
    return "The statement was cancelled, by statement_timeout or by somebody: raise --statement-timeout or set it in the revision's header.";
  }
  if (error.fields.sqlState === OUT_OF_LOCKS) {
    return 'The server has no room for more locks: run without --single-transaction, or raise max_locks_per_transaction.';
  }
  if (error.fields.sqlState === NOT_IN_ENCODING) {
    return "The database's encoding has no such character: take it out of the revision, comments included, since the history keeps the file, or use a UTF-8 database.";
  }
  const file = step.revision.file;
  return step.direction === 'downgrade'
    ? 'Correct what stands in the way and run the downgrade again.'
    : `Correct ${file} and deploy again; the release before keeps working with the database as it is.`;
}

/** What the database said when it refused or failed, without any driver's types. */

import type { SessionInfo } from './events.ts';
import type { Statement } from './revision.ts';

/** The fields of a Postgres error (manual, "Error and Notice Message Fields"). */
export interface DatabaseErrorFields {
  readonly severity: string | undefined;
  readonly sqlState: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** Position in the statement, in characters, counted from 1. */
  readonly position: number | undefined;
  readonly internalQuery: string | undefined;
  /** PL/pgSQL call stack and the like. */
  readonly where: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
}

/**
 * Why a statement did not succeed.
 * `lock-timeout`: an object's lock was not obtained in time, or a deadlock was broken ·
 * `cancelled`: by a cancel request or a timeout · `stale-plan`: another runner changed the history,
 * or holds the lock of a transaction pooler's clients ·
 * `connection-lost`: nothing was committed, except by a statement outside a transaction ·
 * `commit-unknown`: lost between a commit and its answer · `other`: the server said no.
 */
export type FailureKind =
  | 'lock-timeout'
  | 'cancelled'
  | 'connection-lost'
  | 'commit-unknown'
  | 'privilege'
  | 'read-only'
  | 'stale-plan'
  | 'needs-direct-connection'
  | 'not-verified'
  | 'other';

/** A failed statement, as the Postgres room reports it to the use cases. */
export class DatabaseFailure extends Error {
  readonly kind: FailureKind;
  readonly fields: DatabaseErrorFields;
  /** The statement of the revision that failed; undefined for slipway's own. */
  readonly statement: Statement | undefined;
  /** Who held the lock that was waited for, as last seen. */
  readonly blockers: readonly SessionInfo[];

  constructor(
    kind: FailureKind,
    fields: DatabaseErrorFields,
    context: {
      readonly statement?: Statement | undefined;
      readonly blockers?: readonly SessionInfo[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(fields.message, { cause: context.cause });
    this.name = 'DatabaseFailure';
    this.kind = kind;
    this.fields = fields;
    this.statement = context.statement;
    this.blockers = context.blockers ?? [];
  }
}

/** A failure in slipway's own words, where no server said anything. */
export function ownWords(
  kind: FailureKind,
  message: string,
  context: { readonly hint?: string; readonly statement?: Statement } = {},
): DatabaseFailure {
  const { hint, statement } = context;
  const fields = {
    severity: undefined,
    sqlState: undefined,
    message,
    detail: undefined,
    hint,
    position: undefined,
    internalQuery: undefined,
    where: undefined,
    schema: undefined,
    table: undefined,
    column: undefined,
    constraint: undefined,
  };
  return new DatabaseFailure(kind, fields, { statement });
}

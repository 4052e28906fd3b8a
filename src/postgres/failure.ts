/** Translates what `pg` throws into `DatabaseFailure`, once, here. */

import {
  type DatabaseErrorFields,
  DatabaseFailure,
  type FailureKind,
} from '../core/database-failure.ts';
import type { SessionInfo } from '../core/events.ts';
import type { Statement } from '../core/revision.ts';
import { databaseErrorFields, isConnectionLoss, sqlState } from './errors.ts';

/** SQLSTATEs that mean more than "the server said no" (manual, appendix A). */
const KINDS: { readonly [state: string]: FailureKind } = {
  '55P03': 'lock-timeout', // lock_not_available
  '40P01': 'lock-timeout', // deadlock_detected: the other side goes on, we try again
  '57014': 'cancelled', // query_canceled: by us, by an administrator, by statement_timeout
  '42501': 'privilege', // insufficient_privilege
  '25006': 'read-only', // read_only_sql_transaction
};

/** `error` as a `DatabaseFailure`; one that already is passes unchanged, and one that is none of the database is thrown. */
export function toFailure(
  error: unknown,
  context: {
    readonly statement?: Statement | undefined;
    readonly blockers?: readonly SessionInfo[];
  } = {},
): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error;
  // Neither the server nor the network said this: a mistake of ours, which must not pass for theirs.
  if (sqlState(error) === undefined && !isConnectionLoss(error)) throw error;
  const kind = isConnectionLoss(error)
    ? 'connection-lost'
    : (KINDS[sqlState(error) ?? ''] ?? 'other');
  const fields = databaseErrorFields(error);
  const said = context.statement?.softDrop === undefined ? fields : ofDirective(fields);
  return new DatabaseFailure(kind, said, { ...context, cause: error });
}

/** Places in a block that nobody has written tell nobody anything. */
function ofDirective(fields: DatabaseErrorFields): DatabaseErrorFields {
  const where = fields.where?.split('\n').filter((line) => !line.startsWith('PL/pgSQL function'));
  return {
    ...fields,
    position: undefined,
    where: where === undefined || where.length === 0 ? undefined : where.join('\n'),
  };
}

/** Whether an object is there, as `pg_get_object_address` finds it. */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { Postcondition } from '../core/revision.ts';
import { type Finding, found } from './evidence.ts';
import type { Session } from './session.ts';

/**
 * No such relation, object, column, function, schema, database: see
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const ABSENT = new Set(['42P01', '42704', '42703', '42883', '3F000', '3D000']);
/** wrong_object_type: of that name there is something else. */
const WRONG_TYPE = '42809';

/** Whether the object is there or gone, as the statement wanted it. */
export async function findObject(
  session: Session,
  post: Extract<Postcondition, { kind: 'object' }>,
): Promise<Finding> {
  const { type, name, args } = post;
  const object = `${type} ${name.join('.')}${args.length > 0 ? `(${args.join(', ')})` : ''}`;
  try {
    await session.own({
      text: 'select from pg_get_object_address($1, $2::text[], $3::text[])',
      values: [type, name, args],
    });
    return found(post.present ? 'done' : 'absent', `${object} is there`);
  } catch (error) {
    if (!(error instanceof DatabaseFailure)) throw error;
    const state = error.fields.sqlState ?? '';
    if (ABSENT.has(state)) return found(post.present ? 'absent' : 'done', `${object} is absent`);
    if (state === WRONG_TYPE) {
      return found(post.present ? 'foreign' : 'done', `${object} is something else`);
    }
    throw error;
  }
}

/** Asks the catalog what became of a statement that was interrupted (DESIGN §6.5). */

import { assertNever } from '../core/errors.ts';
import type { Postcondition, RelationName } from '../core/revision.ts';
import type { Evidence } from '../runner/ports.ts';
import { quoteQualified } from '../sql/identifiers.ts';
import { findDroppedIndex, findIndex, findReindexRemnants } from './evidence-index.ts';
import { findObject } from './evidence-object.ts';
import type { Session } from './session.ts';

/** What the catalog says, and the statements that remove or finish what was left half done. */
export interface Finding extends Evidence {
  /** To be run one by one, outside a transaction block; empty unless a remnant was found. */
  readonly removal: readonly string[];
}

/** Whether the statement's effect is there, a remnant of it, or nothing. */
export async function readEvidence(session: Session, post: Postcondition): Promise<Finding> {
  switch (post.kind) {
    case 'index-valid':
      return findIndex(session, post);
    case 'index-absent':
      return findDroppedIndex(session, post);
    case 'enum-label': {
      const [row] = await session.own({
        text: 'select 1 from pg_enum where enumtypid = to_regtype($1)::oid and enumlabel = $2',
        values: [quoteQualified(post.schema, post.type), post.label],
      });
      const label = `label '${post.label}' of type ${post.type}`;
      return row === undefined
        ? found('absent', `${label} is absent`)
        : found('done', `${label} is there`);
    }
    case 'constraint-valid': {
      const [row] = await session.own({
        text: `
          select convalidated from pg_constraint
          where conrelid = to_regclass($1) and conname = $2`,
        values: [quoted(post.table), post.constraint],
      });
      const constraint = `constraint ${post.constraint} of table ${post.table.name}`;
      if (row === undefined) return found('absent', `${constraint} is absent`);
      return row['convalidated'] === true
        ? found('done', `${constraint} is validated`)
        : found('absent', `${constraint} is not validated`);
    }
    case 'partition':
      return findPartition(session, post);
    case 'no-reindex-remnants':
      return findReindexRemnants(session, post);
    case 'object':
      return findObject(session, post);
    default:
      return assertNever(post);
  }
}

/** A finding that leaves nothing to remove. */
export function found(verdict: Exclude<Evidence['verdict'], 'remnant'>, fact: string): Finding {
  return { verdict, fact, removal: [] };
}

/**
 * A `detach … concurrently` first says that the partition is about to go, in a transaction of its
 * own; what is pending can only be finished:
 * https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
 */
async function findPartition(
  session: Session,
  post: Extract<Postcondition, { kind: 'partition' }>,
): Promise<Finding> {
  const parent = quoted(post.parent);
  const partition = quoted(post.partition);
  const [row] = await session.own({
    text: `
      select inhdetachpending as pending from pg_inherits
      where inhparent = to_regclass($1) and inhrelid = to_regclass($2)`,
    values: [parent, partition],
  });
  const pair = `partition ${post.partition.name} of ${post.parent.name}`;
  if (row === undefined) {
    return found(post.attached ? 'absent' : 'done', `${pair} is not attached`);
  }
  if (row['pending'] === true) {
    return {
      verdict: 'remnant',
      fact: `${pair} is half detached`,
      removal: [`alter table ${parent} detach partition ${partition} finalize`],
    };
  }
  return found(post.attached ? 'done' : 'absent', `${pair} is attached`);
}

function quoted({ schema, name }: RelationName): string {
  return quoteQualified(schema, name);
}

/** Asks the catalog what became of a statement that was interrupted (DESIGN §6.5). */

import { assertNever } from '../core/errors.ts';
import type { IndexDefinition, Postcondition } from '../core/revision.ts';
import type { Evidence } from '../runner/ports.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import type { Session } from './session.ts';

/** Whether the statement's effect is there, a remnant of it, or nothing. */
export async function readEvidence(session: Session, post: Postcondition): Promise<Evidence> {
  switch (post.kind) {
    case 'index-valid': {
      const found = await readIndex(session, post);
      if (found === undefined) return { verdict: 'absent', fact: `index ${post.index} is absent` };
      if (post.definition !== undefined && !isSame(found, post.definition)) {
        return { verdict: 'foreign', fact: `index ${post.index} is there with another definition` };
      }
      return found.valid
        ? { verdict: 'done', fact: `index ${post.index} is valid` }
        : { verdict: 'remnant', fact: `index ${post.index} is not valid` };
    }
    case 'index-absent': {
      const found = await readIndex(session, post);
      if (found === undefined) return { verdict: 'done', fact: `index ${post.index} is gone` };
      return { verdict: 'absent', fact: `index ${post.index} is still there` };
    }
    case 'enum-label': {
      const [row] = await session.own({
        text: 'select 1 from pg_enum where enumtypid = to_regtype($1)::oid and enumlabel = $2',
        values: [quoteName(post.schema, post.type), post.label],
      });
      const label = `label '${post.label}' of type ${post.type}`;
      return row === undefined
        ? { verdict: 'absent', fact: `${label} is absent` }
        : { verdict: 'done', fact: `${label} is there` };
    }
    default:
      return assertNever(post);
  }
}

/** The statement that removes what an interrupted statement left behind. */
export function remnantRemoval(post: Postcondition): string | undefined {
  return post.kind === 'index-valid'
    ? `drop index concurrently if exists ${quoteName(post.schema, post.index)}`
    : undefined;
}

interface FoundIndex extends IndexDefinition {
  readonly valid: boolean;
}

/** The index as the catalog has it; undefined when there is none of that name. */
async function readIndex(
  session: Session,
  post: { readonly schema: string | undefined; readonly index: string },
): Promise<FoundIndex | undefined> {
  const [row] = await session.own({
    text: `
      select i.indisvalid and i.indisready as valid, i.indisunique as is_unique,
        i.indpred is not null as partial, c.relname as table_name,
        array(
          select a.attname::text
          from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k(attnum, place)
          left join pg_attribute a
            on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum > 0
          order by k.place
        ) as keys
      from pg_index i
      join pg_class c on c.oid = i.indrelid
      where i.indexrelid = to_regclass($1)`,
    values: [quoteName(post.schema, post.index)],
  });
  if (row === undefined) return undefined;
  const keys = row['keys'];
  return {
    valid: row['valid'] === true,
    unique: row['is_unique'] === true,
    partial: row['partial'] === true,
    table: String(row['table_name']),
    keys: Array.isArray(keys) ? keys.map((key) => (key === null ? null : String(key))) : [],
  };
}

function isSame(found: IndexDefinition, wanted: IndexDefinition): boolean {
  return (
    found.table === wanted.table &&
    found.unique === wanted.unique &&
    found.partial === wanted.partial &&
    found.keys.length === wanted.keys.length &&
    found.keys.every((key, place) => key === wanted.keys[place])
  );
}

function quoteName(schema: string | undefined, name: string): string {
  return schema === undefined ? quoteIdentifier(name) : quoteQualified(schema, name);
}

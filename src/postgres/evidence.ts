/** Asks the catalog what became of a statement that was interrupted (DESIGN §6.5). */

import { assertNever } from '../core/errors.ts';
import type { Postcondition } from '../core/revision.ts';
import type { Evidence } from '../runner/ports.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import type { Session } from './session.ts';

/** Whether the statement's effect is there, a remnant of it, or nothing. */
export async function readEvidence(session: Session, post: Postcondition): Promise<Evidence> {
  switch (post.kind) {
    case 'index-valid': {
      const valid = await indexState(session, post);
      if (valid === undefined) return { verdict: 'absent', fact: `index ${post.index} is absent` };
      return valid
        ? { verdict: 'done', fact: `index ${post.index} is valid` }
        : { verdict: 'remnant', fact: `index ${post.index} is not valid` };
    }
    case 'index-absent': {
      const valid = await indexState(session, post);
      if (valid === undefined) return { verdict: 'done', fact: `index ${post.index} is gone` };
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

/** Whether the index is usable; undefined when there is none of that name. */
async function indexState(
  session: Session,
  post: { readonly schema: string | undefined; readonly index: string },
): Promise<boolean | undefined> {
  const [row] = await session.own({
    text: `
      select i.indisvalid and i.indisready as valid
      from pg_index i
      where i.indexrelid = to_regclass($1)`,
    values: [quoteName(post.schema, post.index)],
  });
  return row === undefined ? undefined : row['valid'] === true;
}

function quoteName(schema: string | undefined, name: string): string {
  return schema === undefined ? quoteIdentifier(name) : quoteQualified(schema, name);
}

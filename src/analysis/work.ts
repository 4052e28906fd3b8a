/** What a statement goes through row by row, read from its parse tree. */

import type { RelationWork } from '../core/locks.ts';
import { isNew } from './created.ts';
import type { FactsContext } from './effect.ts';
import type { KnownSchema } from './known.ts';
import { bodyOf, hasOption, type Node, tagOf } from './tree.ts';
import { alter } from './work/alter-table.ts';
import type { Done, Workers } from './work/done.ts';
import { maintenance } from './work/maintenance.ts';
import { rows } from './work/rows.ts';

const WORKERS: Workers = { ...alter, ...maintenance, ...rows };

/**
 * The work of `node` that grows with the size of tables. What only reads rows for a client is left
 * out: it holds nobody up. A rewrite includes the indexes of the table, and all checks of its rows.
 */
export function workOf(node: Node, context: FactsContext): readonly RelationWork[] {
  return workBy(node, context.created.known).map((done) => {
    const { kind, relation, target = 'relation', reason, since, before } = done;
    return {
      kind,
      ...relation,
      target,
      isNew: done.isOwn === true || isNewTarget(done, context),
      reason,
      ...(since === undefined ? {} : { since }),
      ...(before === undefined ? {} : { before }),
    };
  });
}

function workBy(node: Node, known: KnownSchema): readonly Done[] {
  const explain = bodyOf(node, 'ExplainStmt');
  if (explain?.query !== undefined) {
    return hasOption(explain.options, 'analyze') ? workBy(explain.query, known) : [];
  }
  const tag = tagOf(node);
  const work = WORKERS[tag] as
    | ((statement: unknown, known: KnownSchema) => readonly Done[])
    | undefined; // the table pairs tag and body
  return work?.(bodyOf(node, tag), known) ?? [];
}

function isNewTarget({ relation, target }: Done, { created }: FactsContext): boolean {
  if (target !== undefined && target !== 'default partition') return false;
  const { schema, name } = relation;
  const path = schema === undefined ? [name] : [schema, name];
  return schema === 'pg_temp' || isNew(created, 'relation', path);
}

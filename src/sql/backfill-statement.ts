/** Which statements can run as a backfill, and what is said about those that cannot. */

import type { Backfill, Revision, Statement } from '../core/revision.ts';
import { hasParameters, rangeMarks } from './backfill.ts';
import { fileError } from './file-error.ts';
import type { SqlNode } from './parse.ts';

/** A statement of a section; its node is undefined where the parser did not understand it. */
type Candidate = Pick<Statement, 'text' | 'command' | 'offset' | 'backfill'> & {
  readonly node: SqlNode | undefined;
};

/** Throws `SLIPWAY_FILE_MALFORMED` for a backfill whose statement cannot run batch by batch. */
export function refuseBackfill(
  revision: Pick<Revision, 'file' | 'source'>,
  statement: Candidate,
): void {
  const { backfill, text, offset, node, command } = statement;
  if (backfill === undefined) return;
  const names = new Set(rangeMarks(text).map(({ name }) => name));
  if (names.size < 2) {
    const missing = ['from', 'to'].filter((name) => !names.has(name as 'from' | 'to'));
    throw fileError(revision, {
      offset,
      problem: `the statement of the backfill does not use ${missing.map((name) => `:${name}`).join(' and ')}`,
      hint: `choose the rows of a batch: where ${backfill.key} between :from and :to`,
    });
  }
  if (hasParameters(text)) {
    throw fileError(revision, {
      offset,
      problem: 'the statement of the backfill has parameters of its own',
      hint: 'its only parameters are :from and :to; write all other values into it',
    });
  }
  if (node === undefined) return;
  if (!KINDS.some((kind) => kind in node)) {
    throw fileError(revision, {
      offset,
      problem: `a backfill cannot run ${command}`,
      hint: 'write update, delete, insert … select or merge',
    });
  }
  const endless = endlessness(node, backfill);
  if (endless === undefined) return;
  throw fileError(revision, { offset, ...endless });
}

const KINDS = ['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt'];

/** A backfill ends at the last key: it must not make keys that lie ahead of it. */
function endlessness(
  node: SqlNode,
  backfill: Backfill,
): { readonly problem: string; readonly hint: string } | undefined {
  if ('InsertStmt' in node && isWalked(node.InsertStmt.relation, backfill)) {
    return {
      problem: 'the backfill inserts into the table that it walks, so it might never end',
      hint: 'insert into another table',
    };
  }
  if ('UpdateStmt' in node && isWalked(node.UpdateStmt.relation, backfill)) {
    const sets = node.UpdateStmt.targetList ?? [];
    if (sets.some((set) => 'ResTarget' in set && set.ResTarget.name === backfill.key)) {
      return {
        problem: 'the backfill changes the key by which it walks, so it might never end',
        hint: 'walk by another key, or write the new values to another column',
      };
    }
  }
  return undefined;
}

function isWalked(
  relation: { readonly schemaname?: string; readonly relname?: string } | undefined,
  { schema, table }: Backfill,
): boolean {
  return relation?.relname === table && relation.schemaname === schema;
}

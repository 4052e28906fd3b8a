/** Locks on relations that a statement only leads to, where earlier statements tell which they are. */

import { constraintKnown, type KnownSchema, tableOfIndex } from '../known.ts';
import { bodiesOf, bodyOf, type Node } from '../tree.ts';
import type { Taken } from './taken.ts';

/** The locks of `node` with the names that are known, and without those that are known not to be. */
export function withKnown(
  node: Node,
  locks: readonly Taken[],
  known: KnownSchema,
): readonly Taken[] {
  const referred = droppedConstraints(node, known);
  return locks.flatMap((each) => {
    if (each.target === 'tables of foreign keys' && referred !== undefined) {
      return referred.map((relation) => ({ ...each, relation, target: 'relation' as const }));
    }
    if (each.target !== 'table of index') return [each];
    const relation = tableOfIndex(known, each.relation);
    return [relation === undefined ? each : { ...each, relation, target: 'relation' as const }];
  });
}

/** The tables that dropped constraints refer to; undefined where it is not known of all of them. */
function droppedConstraints(
  node: Node,
  known: KnownSchema,
): readonly Taken['relation'][] | undefined {
  const statement = bodyOf(node, 'AlterTableStmt');
  const commands = bodiesOf(statement?.cmds, 'AlterTableCmd');
  if (commands.some(({ subtype }) => LEADS_ON.has(subtype ?? ''))) return undefined;
  const constraints = commands
    .filter(({ subtype }) => subtype === 'AT_DropConstraint')
    .map(({ name = '', behavior }) =>
      behavior === 'DROP_CASCADE' ? undefined : constraintKnown(known, statement?.relation, name),
    );
  if (constraints.length === 0 || constraints.includes(undefined)) return undefined;
  return constraints.flatMap((each) => each?.refersTo ?? []);
}

/** Other commands that may take a foreign key along. */
const LEADS_ON = new Set([
  'AT_AlterColumnType',
  'AT_AlterConstraint',
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_DetachPartitionFinalize',
  'AT_DropColumn',
  'AT_ValidateConstraint',
]);

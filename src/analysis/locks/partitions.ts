/** What attaching and detaching partitions locks. */

import { type Body, bodyOf } from '../tree.ts';
import { lock, lockBehind, type Taken } from './taken.ts';

type Relation = Body<'RangeVar'> | undefined;

/** The locks of a command on partitions of `parent`, beside that on `parent` itself. */
export function partitionLocks(
  command: Body<'AlterTableCmd'>,
  parent: Relation,
  isIndex: boolean,
): readonly Taken[] {
  const partition = bodyOf(command.def, 'PartitionCmd');
  if (isIndex) {
    return command.subtype === 'AT_AttachPartition' ? attachIndex(parent, partition?.name) : [];
  }
  switch (command.subtype) {
    case 'AT_AttachPartition':
      return [
        ...lock('access exclusive', partition?.name),
        ...lockBehind('access exclusive', 'default partition', parent),
        ...lockBehind('share row exclusive', 'tables of foreign keys', parent),
      ];
    case 'AT_DetachPartition':
      return [
        ...lock('access exclusive', partition?.name),
        ...(partition?.concurrent === true
          ? []
          : lockBehind('access exclusive', 'default partition', parent)),
        ...lockBehind('share row exclusive', 'tables of foreign keys', partition?.name),
      ];
    case 'AT_DetachPartitionFinalize':
      return [
        ...lock('access exclusive', partition?.name),
        ...lockBehind('share row exclusive', 'tables of foreign keys', partition?.name),
      ];
    default:
      return [];
  }
}

function attachIndex(parent: Relation, partition: Relation): Taken[] {
  return [
    ...lock('access exclusive', partition),
    ...lockBehind('access share', 'table of index', parent),
    ...lockBehind('access share', 'table of index', partition),
  ];
}

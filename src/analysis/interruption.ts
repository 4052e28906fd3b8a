/** What an interruption means in a statement that runs outside a transaction block (DESIGN §6.5). */

import type { Interruption } from '../core/revision.ts';
import { type Body, bodiesOf, bodyOf, type Node, type Tag, tagOf, tagsBelow } from './tree.ts';

/**
 * Whether `node` can be run in one transaction with its journal entry, or simply again. What may end
 * its transaction or open another one by itself, as a procedure does, is neither.
 */
export function interruptionOf(node: Node, transactional: boolean): Interruption {
  const tag = tagOf(node);
  if (REPEATABLE.has(tag) || isConditional(node) || setsOnly(node)) return 'repeatable';
  if (tag === 'SelectStmt') return selectInterruption(node);
  if (tag === 'CopyStmt' && bodyOf(node, 'CopyStmt')?.is_program === true) return 'unknown';
  if (tag === 'AlterSubscriptionStmt' && !transactional) return subscriptionInterruption(node);
  return transactional && !UNKNOWN.has(tag) ? 'atomic' : 'unknown';
}

/** Statements on the session, and those that bring about a state instead of changing one. */
const REPEATABLE: ReadonlySet<Tag> = new Set<Tag>([
  'AlterDatabaseSetStmt',
  'AlterDatabaseStmt',
  'AlterOwnerStmt',
  'AlterRoleSetStmt',
  'AlterSystemStmt',
  'CheckPointStmt',
  'ClusterStmt',
  'CommentStmt',
  'ConstraintsSetStmt',
  'DiscardStmt',
  'GrantStmt',
  'LoadStmt',
  'RefreshMatViewStmt',
  'ReindexStmt',
  'VacuumStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);

/** `if exists` and `or replace` make a definition repeatable; `if not exists` what it makes may not be. */
function isConditional(node: Node): boolean {
  const drop = bodyOf(node, 'DropStmt');
  if (drop !== undefined) return drop.missing_ok === true && drop.concurrent !== true;
  return (bodyOf(node, 'ViewStmt') ?? bodyOf(node, 'CreateFunctionStmt'))?.replace === true;
}

/** Whether an `alter table` only says how things shall be. */
function setsOnly(node: Node): boolean {
  const commands = bodiesOf(bodyOf(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd');
  return (
    commands.length > 0 && commands.every(({ subtype }) => SETTINGS.has(subtype ?? 'AT_AddColumn'))
  );
}

const SETTINGS: ReadonlySet<NonNullable<Body<'AlterTableCmd'>['subtype']>> = new Set([
  'AT_ColumnDefault',
  'AT_DisableRowSecurity',
  'AT_DisableTrig',
  'AT_DropNotNull',
  'AT_EnableRowSecurity',
  'AT_EnableTrig',
  'AT_ReplicaIdentity',
  'AT_ResetOptions',
  'AT_ResetRelOptions',
  'AT_SetCompression',
  'AT_SetNotNull',
  'AT_SetOptions',
  'AT_SetRelOptions',
  'AT_SetStatistics',
  'AT_SetStorage',
  'AT_ValidateConstraint',
]);

/** What runs code that may commit, or makes sense only in a transaction or session of its own. */
const UNKNOWN: ReadonlySet<Tag> = new Set<Tag>([
  'CallStmt',
  'ClosePortalStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'DoStmt',
  'ExecuteStmt',
  'FetchStmt',
  'LockStmt',
  'PrepareStmt',
  'TransactionStmt',
]);

/** A function may do anything, also refuse to run in a transaction; a plain query changes nothing. */
function selectInterruption(node: Node): Interruption {
  const tags = tagsBelow(node);
  const acts = ['FuncCall', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'IntoClause'];
  const select = bodyOf(node, 'SelectStmt');
  return select?.intoClause !== undefined || acts.some((tag) => tags.has(tag))
    ? 'unknown'
    : 'repeatable';
}

/** What is refreshed or set can be so again; a publication cannot be added or dropped twice. */
function subscriptionInterruption(node: Node): Interruption {
  const statement = bodyOf(node, 'AlterSubscriptionStmt');
  switch (statement?.kind) {
    case 'ALTER_SUBSCRIPTION_REFRESH':
    case 'ALTER_SUBSCRIPTION_SET_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_OPTIONS':
      return 'repeatable';
    default:
      return 'unknown';
  }
}

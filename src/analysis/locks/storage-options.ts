/** Storage options of relations, and what setting each locks: `relOpts` in Postgres' reloptions.c. */

import type { LockMode } from '../../core/locks.ts';
import { type Body, bodiesOf } from '../tree.ts';

/** Options that change what a running statement relies on. All others only plan or tune. */
const EXCLUSIVE = new Set([
  'buffering',
  'check_option',
  'fastupdate',
  'gin_pending_list_limit',
  'length',
  'pages_per_range',
  'autosummarize',
  'security_barrier',
  'security_invoker',
  'user_catalog_table',
]);

/** The lock for setting or resetting the options. */
export function storageOptionsMode(options: readonly Body<'DefElem'>[]): LockMode {
  return options.length === 0 || options.some(({ defname }) => EXCLUSIVE.has(defname ?? ''))
    ? 'access exclusive'
    : 'share update exclusive';
}

/** The options of an `alter … set (…)`. */
export function storageOptions(command: Body<'AlterTableCmd'>): Body<'DefElem'>[] {
  const list = command.def !== undefined && 'List' in command.def ? command.def.List : undefined;
  return bodiesOf(list?.items, 'DefElem');
}

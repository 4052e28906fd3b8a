/** What the blocks that hide and bring back have in common. Their names begin with `v_`, so that no column is meant. */

import { quoteIdentifier } from '../sql/identifiers.ts';
import { literal } from './script-text.ts';

/** The history that a block reads and writes. */
export interface OwnHistory {
  readonly schema: string;
  /** As whom slipway acts; undefined: as who it logged in. */
  readonly role: string | undefined;
  /** Up to this size a table is gone through while it is locked; tests have no large ones. */
  readonly smallBytes?: number;
}

/** Reading as much takes some tenths of a second, for which everybody can wait. */
const SMALL_BYTES = 128 * 1024 * 1024;

/** Whether the table of this oid, with its partitions, is too big to be gone through under a lock. */
export function isBig(oid: string, { smallBytes = SMALL_BYTES }: OwnHistory): string {
  return `(with recursive tree(oid) as (
      select ${oid} union select inhrelid from pg_inherits join tree on inhparent = tree.oid
    ) select coalesce(sum(pg_relation_size(tree.oid)), 0) > ${smallBytes} from tree)`;
}

/** The table of what is hidden. */
export function softDropTable({ schema }: OwnHistory): string {
  return `${quoteIdentifier(schema)}.soft_drop`;
}

/** Declarations that every block needs. */
export const COMMON_VARIABLES = `
  v_role text;
  v_path text := current_setting('search_path');
  v_table oid;
  v_members oid[];
  v_found text;
  v_name text;
  v_one record;`;

/** From here on names mean the same whoever set `search_path`, and definitions come out qualified. */
export const OWN_PATH = `perform set_config('search_path', 'pg_catalog, pg_temp', true);`;

/** What follows in the same transaction finds the settings as they were. */
export const FORMER_PATH = `perform set_config('search_path', v_path, true);`;

/** `body` as the role that owns the history: the revision may have changed it. */
export function asOwner({ role }: OwnHistory, body: string): string {
  return `v_role := current_setting('role');
  perform set_config('role', ${literal(role ?? 'none')}, true);
  ${body}
  perform set_config('role', v_role, true);`;
}

/** Ends with an error; `message` and `hint` are SQL expressions. */
export function fail(sqlState: string, message: string, hint: string): string {
  return `raise exception using errcode = ${literal(sqlState)}, message = ${message}, hint = ${hint};`;
}

/** What a soft drop cannot do: feature_not_supported. */
export const UNSUPPORTED = '0A000';

/** A table with its partitions, and whatever inherits from it: the oids below `root`, with it. */
export function treeOf(root: string): string {
  return `with recursive tree(oid) as (
      select ${root}
      union
      select inhrelid from pg_inherits join tree on inhparent = tree.oid
    ) select array_agg(oid) from tree`;
}

/** `s` without the string constants in it, and without arrays of nothing but constants. */
function withoutConstants(expression: string): string {
  return `regexp_replace(regexp_replace(${expression},
      'E?''([^'']|'''')*''(::("[^"]+"|[a-z_ .]+)(\\(\\d+(,\\d+)?\\))?(\\[\\])?)?', '0', 'g'),
      'ARRAY\\[\\s*-?[0-9.]+(,\\s*-?[0-9.]+)*\\s*\\]', '0', 'g')`;
}

/**
 * Whether an expression, as the server prints it, can be false for a null only where it is false for
 * every value: it then refuses no row for the null. It is built of strict functions and operators.
 */
export function isStrict(expression: string): string {
  const bare = withoutConstants(expression);
  return `(${bare} !~* '\\m(is|coalesce|case|greatest|least|row|array|null|nullif|exists|select|xml\\w*|json\\w*)\\M'
      and ${bare} !~ '\\|\\|'
      and not exists (
        select from regexp_matches(${bare}, '([a-zA-Z_][a-zA-Z0-9_$]*)"?\\(', 'g') as called
        join pg_proc on proname = called[1]
        where not proisstrict
      ))`;
}

/**
 * Puts into `v_tag` what tells hidden names apart: the same for the same revision each time, unless it
 * has hidden something of that name before that is still there. `column` is an SQL expression.
 */
export function tagOf(own: OwnHistory, revision: string, column: string): string {
  return `${asOwner(
    own,
    `select count(*)::text into v_found from ${softDropTable(own)} d
  where purged_at is null and revision = ${literal(revision)}
    and column_name is not distinct from ${column}
    and format('%I.%I', schema_name, table_name) = v_table::regclass::text;`,
  )}
  v_tag := left(md5(concat_ws('/', ${literal(own.schema)}, ${literal(revision)}, v_table::regclass::text, ${column}, v_found)), 8);`;
}

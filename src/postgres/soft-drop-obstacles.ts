/** What keeps a column or a table from being hidden: each with the reason and the way out. */

import { literal } from './script-text.ts';
import { fail, isStrict, UNSUPPORTED } from './soft-drop-block.ts';

/** Raises when `query`, which selects one text into `v_found`, finds something. */
function obstacle(query: string, problem: string, hint: string): string {
  return `  ${query};
  if v_found is not null then
    ${fail(UNSUPPORTED, `format(${literal(`cannot soft-drop %s: ${problem}`)}, v_words, v_found)`, literal(hint))}
  end if;
`;
}

/** The column under each of its tables: children have other numbers. */
const COLUMN = `pg_attribute a
    where a.attrelid = any(v_members) and a.attname = v_column`;

/** Definitions that depend on the column. */
function dependents(classOf: string): string {
  return `select d.objid from pg_attribute a join pg_depend d
      on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
        and d.classid = '${classOf}'::regclass
      where a.attrelid = any(v_members) and a.attname = v_column`;
}

/**
 * Obstacles of a column. What Postgres itself would refuse to drop without `cascade` mostly works on
 * with a hidden column; these do not.
 */
export const COLUMN_OBSTACLES: string = [
  obstacle(
    `select inhparent::regclass::text into v_found from pg_inherits
  where inhrelid = v_table and v_attribute.attinhcount > 0 limit 1`,
    'it is inherited from table %s',
    'Name the table that it comes from: it is hidden there and in all its partitions and children.',
  ),
  obstacle(
    `select reloftype::regtype::text into v_found from pg_class where oid = v_table and reloftype <> 0`,
    'the table is one of type %s',
    'Take the table off its type first: alter table … not of.',
  ),
  obstacle(
    `select quote_ident(c.conname) into v_found
  from pg_constraint c, ${COLUMN} and c.contype = 'p' and c.conrelid = a.attrelid
    and a.attnum = any(c.conkey) limit 1`,
    'it belongs to the primary key %s, which takes no null',
    'Give the table another primary key first.',
  ),
  obstacle(
    `select a.attrelid::regclass::text into v_found
  from pg_partitioned_table, ${COLUMN}
    and partrelid = a.attrelid and (a.attnum = any(partattrs) or exists (
      -- The columns of an expression cannot be dropped before the table: they depend on it.
      select from pg_depend where classid = 'pg_class'::regclass and objid = partrelid
        and objsubid = a.attnum and refclassid = 'pg_class'::regclass and refobjid = partrelid
        and refobjsubid = 0 and deptype = 'i')) limit 1`,
    'table %s is partitioned by it',
    'A row that has nothing there belongs to no partition. Make a table that is partitioned otherwise.',
  ),
  obstacle(
    `select indexrelid::regclass::text into v_found
  from pg_index, ${COLUMN} and indrelid = a.attrelid and indisreplident
    and a.attnum = any(indkey) limit 1`,
    'index %s, which is the replica identity, has it',
    'Choose another replica identity first: alter table … replica identity.',
  ),
  obstacle(
    `select indexrelid::regclass::text into v_found
  from pg_index i, ${COLUMN} and indrelid = a.attrelid and indisunique
    and a.attnum = any(indkey) and (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean limit 1`,
    'unique index %s takes a null for a value like any other',
    'The second row of code that does not know the column would be refused. Drop that index in the same section, above this line, and create it in the section "down", below the line that restores.',
  ),
  obstacle(
    `select indexrelid::regclass::text into v_found from pg_index
  where indexrelid in (${dependents('pg_class')}) and (indisunique or indisexclusion)
    and not ((indexprs is null or ${isStrict('pg_get_expr(indexprs, indrelid)')})
      and (indpred is null or ${isStrict('pg_get_expr(indpred, indrelid)')})) limit 1`,
    'unique index %s has an expression or a condition that may be true for a null',
    'Rows of code that does not know the column might be refused. Drop that index in the same section, above this line, and create it in the section "down", below the line that restores.',
  ),
  obstacle(
    `select string_agg(quote_ident(g.attname), ', ') into v_found
  from pg_attribute g
  where g.attrelid = v_table and g.attgenerated <> '' and not g.attisdropped
    and g.attnum <> v_attribute.attnum and (g.attname !~ '^_slipway_dropped_' or g.attnotnull)
    and exists (
      select from pg_depend d
      where d.refclassid = 'pg_class'::regclass and d.refobjid = v_table
        and d.refobjsubid = v_attribute.attnum
        and ((d.classid = 'pg_class'::regclass and d.objid = v_table and d.objsubid = g.attnum)
          or (d.classid = 'pg_attrdef'::regclass and d.objid in (
            select oid from pg_attrdef where adrelid = v_table and adnum = g.attnum))))`,
    'generated column %s is computed from it',
    'Soft-drop that column first, above this line.',
  ),
  obstacle(
    `select string_agg(quote_ident(polname), ', ') into v_found from pg_policy
  where oid in (${dependents('pg_policy')})`,
    'row security policy %s looks at it',
    'Rows of code that does not know the column might be refused. Drop or rewrite the policy in the same section, above this line.',
  ),
  obstacle(
    `select format('%s of table %s', quote_ident(conname), conrelid::regclass) into v_found
  from pg_constraint c, ${COLUMN} and c.contype = 'f' and c.conparentid = 0
    and c.confrelid = a.attrelid and a.attnum = any(c.confkey) limit 1`,
    'foreign key %s refers to it',
    'Soft-drop the column that refers to it first, or drop that foreign key.',
  ),
].join('');

/** Obstacles of a table. */
export const TABLE_OBSTACLES: string = [
  obstacle(
    `select inhparent::regclass::text into v_found from pg_inherits where inhrelid = v_table limit 1`,
    'its rows belong to table %s, where they would still be seen',
    'Detach it first, in the same section (alter table … detach partition, or no inherit), and attach it in the section "down".',
  ),
  obstacle(
    `select inhrelid::regclass::text into v_found from pg_inherits join pg_class c on c.oid = inhrelid
  where inhparent = any(v_members) and not c.relispartition limit 1`,
    'table %s inherits from it',
    'Soft-drop that table first, after taking it off this one: alter table … no inherit.',
  ),
].join('');

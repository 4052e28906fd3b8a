/**
 * Indexes that interrupted statements left behind. What a `create index` asks for is held against
 * the catalog by letting the server write both down: the index that is there, and one made by the
 * same words on an empty copy of the table, in a transaction that is rolled back.
 */

import { DatabaseFailure } from '../core/database-failure.ts';
import type { IndexDefinition, Postcondition } from '../core/revision.ts';
import { quoteQualified } from '../sql/identifiers.ts';
import { type Finding, found } from './evidence.ts';
import type { Row, Session } from './session.ts';

type IndexValid = Extract<Postcondition, { kind: 'index-valid' }>;
type Reindexed = Extract<Postcondition, { kind: 'no-reindex-remnants' }>;

/** How the server writes an index down, without the names of index and table. */
const DEFINITION = `(
  select case when i.indisunique then 'unique' else '' end
    || substr(text, strpos(text, quote_ident(relname) || ' USING ') + length(quote_ident(relname)))
  from pg_get_indexdef(i.indexrelid) text, pg_class of
  where of.oid = i.indrelid)`;

interface FoundIndex {
  readonly name: string;
  readonly valid: boolean;
  readonly onTable: boolean;
  readonly definition: string;
}

/** The index of a `create index concurrently`: valid, a remnant, absent, or somebody else's. */
export async function findIndex(session: Session, post: IndexValid): Promise<Finding> {
  const wanted = post.definition;
  const indexes =
    wanted === undefined ? await named(session, post) : await candidates(session, post);
  const what =
    post.index === undefined
      ? `an index on ${wanted?.table} as the statement makes it`
      : `index ${post.index}`;
  if (indexes.length === 0) {
    return post.index !== undefined && (await isRelation(session, post))
      ? found('foreign', `${post.index} is there and is no index of that table`)
      : found('absent', `${what} is absent`);
  }
  const same = await ofDefinition(session, post, indexes);
  const remnants = same.filter((index) => !index.valid);
  if (remnants.length > 0) {
    return {
      verdict: 'remnant',
      fact: `index ${remnants.map((index) => index.name).join(', ')} is not valid`,
      removal: remnants.map(dropIndex),
    };
  }
  const [done] = same;
  if (done !== undefined) return found('done', `index ${done.name} is valid`);
  if (post.index === undefined) return found('absent', `${what} is absent`);
  const [other] = indexes;
  if (wanted?.ifNotExists === true && other?.valid === true) {
    return found('done', `${what} is there, with another definition, and "if not exists" takes it`);
  }
  return found('foreign', `${what} is there with another definition:${other?.definition ?? ''}`);
}

/** Those that are what the statement makes; all, where it is not known what that is. */
async function ofDefinition(
  session: Session,
  post: IndexValid,
  indexes: readonly FoundIndex[],
): Promise<readonly FoundIndex[]> {
  if (post.definition === undefined) return indexes;
  const onTable = indexes.filter((index) => index.onTable);
  if (onTable.length === 0) return [];
  const wanted = await madeOnCopy(session, post.schema, post.definition);
  return onTable.filter((index) => index.definition === wanted);
}

async function named(
  session: Session,
  post: Pick<IndexValid, 'schema' | 'index'>,
): Promise<readonly FoundIndex[]> {
  const rows = await session.own({
    text: `${selectIndexes('true')} where i.indexrelid = to_regclass($1)`,
    values: [quoteQualified(post.schema, post.index ?? '')],
  });
  return rows.map(toFound);
}

/** Indexes of that name in the table's schema; of a statement without a name, all of its table. */
async function candidates(session: Session, post: IndexValid): Promise<readonly FoundIndex[]> {
  const table = quoteQualified(post.schema, post.definition?.table ?? '');
  const rows = await session.own({
    text: `${selectIndexes('i.indrelid = to_regclass($1)')}
      where case
        when $2::text is null then i.indrelid = to_regclass($1) and c.relname !~ '${LEFTOVER}'
        else c.relname = $2 and c.relnamespace =
          (select relnamespace from pg_class where oid = to_regclass($1))
      end`,
    values: [table, post.index ?? null],
  });
  return rows.map(toFound);
}

function selectIndexes(onTable: string): string {
  return `
    select format('%I.%I', n.nspname, c.relname) as name,
      i.indisvalid and i.indisready as valid, ${onTable} as on_table, ${DEFINITION} as definition
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_namespace n on n.oid = c.relnamespace`;
}

function toFound(row: Row): FoundIndex {
  return {
    name: String(row['name']),
    valid: row['valid'] === true,
    onTable: row['on_table'] === true,
    definition: String(row['definition']),
  };
}

/** Whether something that is no index has the name that the index would have. */
async function isRelation(session: Session, post: IndexValid): Promise<boolean> {
  const [row] = await session.own({
    text: `
      select 1 from pg_class c
      where c.relname = $1
        and c.relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))`,
    values: [post.index, quoteQualified(post.schema, post.definition?.table ?? '')],
  });
  return row !== undefined;
}

/** What is left of a `drop index concurrently` that did not end is an index that is not valid. */
export async function findDroppedIndex(
  session: Session,
  post: Extract<Postcondition, { kind: 'index-absent' }>,
): Promise<Finding> {
  const [index] = await named(session, post);
  if (index === undefined) return found('done', `index ${post.index} is gone`);
  if (index.valid) return found('absent', `index ${index.name} is still there`);
  return {
    verdict: 'remnant',
    fact: `index ${index.name} is half dropped`,
    removal: [dropIndex(index)],
  };
}

const PROBE = 'slipway_evidence';
const INSUFFICIENT_PRIVILEGE = '42501';

/** How the server writes down the index that the statement makes. */
async function madeOnCopy(
  session: Session,
  schema: string | undefined,
  wanted: IndexDefinition,
): Promise<string> {
  const [table] = await session.own({
    text: `
      select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = to_regclass($1)`,
    values: [quoteQualified(schema, wanted.table)],
  });
  const home = String(table?.['schema']);
  // Under its own name, by which an expression may call it.
  const temporary = { schema: 'pg_temp', name: wanted.table };
  try {
    return await definitionOn(session, { home, wanted, copy: temporary });
  } catch (error) {
    const isRefused =
      error instanceof DatabaseFailure && error.fields.sqlState === INSUFFICIENT_PRIVILEGE;
    if (!isRefused) throw error;
    // Whoever may not make temporary tables may make one here, or could not have made the index.
    return definitionOn(session, { home, wanted, copy: { schema: home, name: PROBE } });
  }
}

interface Copying {
  readonly home: string;
  readonly wanted: IndexDefinition;
  readonly copy: { readonly schema: string; readonly name: string };
}

async function definitionOn(session: Session, { home, wanted, copy }: Copying): Promise<string> {
  const table = quoteQualified(copy.schema, copy.name);
  const unique = wanted.unique ? 'unique ' : '';
  try {
    const answers = await session.ownAll([
      { text: 'begin read write' },
      { text: `create table ${table} (like ${quoteQualified(home, wanted.table)})` },
      { text: `create ${unique}index ${PROBE}_index on ${table} ${wanted.rest}` },
      {
        text: `select ${DEFINITION} as definition from pg_index i where i.indexrelid = $1::regclass`,
        values: [quoteQualified(copy.schema, `${PROBE}_index`)],
      },
    ]);
    return String(answers.at(-1)?.[0]?.['definition']);
  } finally {
    await session.own({ text: 'rollback' });
  }
}

/** What `reindex concurrently` calls an index that it builds, and one that it has replaced. */
const LEFTOVER = '_cc(new|old)[0-9]*$';

/**
 * Indexes that a `reindex concurrently` left invalid beside the one that they were to replace, or
 * have replaced: https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
 */
export async function findReindexRemnants(session: Session, post: Reindexed): Promise<Finding> {
  const name = quoteQualified(post.schema, post.name);
  const rows = await session.own({
    text: `
      with recursive wanted (oid) as (${TABLES[post.of]}),
      tables (oid) as (
        select oid from wanted
        union select i.inhrelid from pg_inherits i join tables t on t.oid = i.inhparent
      ),
      indexes as (
        select i.indexrelid, i.indrelid, i.indisvalid, c.relname, n.nspname,
          ${DEFINITION} as definition
        from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_namespace n on n.oid = c.relnamespace
        where i.indrelid in (select oid from tables)
          or i.indrelid in (
            select r.reltoastrelid from pg_class r join tables t on t.oid = r.oid
          )
      )
      select format('%I.%I', nspname, relname) as name
      from indexes i
      where not indisvalid and relname ~ '${LEFTOVER}' and exists (
        select from indexes other
        where other.indrelid = i.indrelid and other.indexrelid <> i.indexrelid
          and other.definition = i.definition and other.relname !~ '${LEFTOVER}'
      )
      order by 1`,
    values: post.of === 'schema' ? [post.name] : post.of === 'database' ? [] : [name],
  });
  if (rows.length === 0) return found('absent', `no remnant of a reindex of ${post.name} is there`);
  const names = rows.map((row) => ({ name: String(row['name']) }));
  return {
    verdict: 'remnant',
    fact: `a reindex left ${names.map((index) => index.name).join(', ')}, which is not valid`,
    removal: names.map(dropIndex),
  };
}

/** The tables whose indexes a `reindex` builds anew. */
const TABLES: { readonly [O in Reindexed['of']]: string } = {
  index: 'select indrelid from pg_index where indexrelid = to_regclass($1)',
  table: 'select to_regclass($1)::oid',
  schema: `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind in ('r', 'm', 'p')`,
  database: `select c.oid from pg_class c where c.relkind in ('r', 'm', 'p')`,
};

// `drop … concurrently` is refused for what a system schema holds, such as the index of a TOAST table.
function dropIndex({ name }: { readonly name: string }): string {
  return `drop index ${name.startsWith('pg_toast.') ? '' : 'concurrently '}if exists ${name}`;
}

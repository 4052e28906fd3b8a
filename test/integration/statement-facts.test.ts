/** Every form of statement on a real server: what it locks and goes through is what its facts say. */

import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { KNOWN_FUNCTIONS } from '../../src/analysis/built-in-functions.ts';
import { nothingCreated } from '../../src/analysis/created.ts';
import { compareModes, type LockMode, type LockTarget } from '../../src/core/locks.ts';
import {
  type Measured,
  measureInTransaction,
  measureWatched,
} from '../support/measure-statement.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';
import { factsOfSql, type Predicted, predict } from '../support/predict-statement.ts';
import { type Relation, readRelations } from '../support/relations.ts';
import { type StatementForm, SURROUNDINGS, TABLES } from '../support/statement-forms/form.ts';
import { FORM_FAMILIES } from '../support/statement-forms.ts';

let database: TestDatabase;
let client: Client;
let major: number;
const schemas = new Map<string, string>();
/** The ways to relations that a statement does not name, of those that were found locked. */
const seenTargets = new Set<LockTarget>();

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  major = rows[0]?.major ?? 0;
  await client.query('set client_min_messages = error');
  await client.query('set allow_in_place_tablespaces = true');
  await client.query("create tablespace forms_space location ''");
  await client.query(SURROUNDINGS);
});

afterAll(async () => {
  await client.end();
  await database.drop();
  await query(inject('adminUrl'), 'drop tablespace forms_space');
});

/** A schema with the tables and what the form needs besides; one for all forms that need the same. */
async function enterSchema(form: StatementForm): Promise<string> {
  const key = form.held === undefined ? (form.setup ?? '') : form.title;
  const known = schemas.get(key);
  const schema = known ?? `forms_${schemas.size}`;
  schemas.set(key, schema);
  if (known === undefined) {
    await client.query(`create schema ${schema}; set search_path = ${schema}, public`);
    await client.query(TABLES);
    await client.query(form.setup ?? 'select');
  }
  await client.query(`set search_path = ${schema}, public`);
  return schema;
}

const isOn = ({ since = 0, before = 99 }: StatementForm, server: number): boolean =>
  server >= since && server < before;

describe.each(FORM_FAMILIES)('$title', ({ forms }) => {
  it.each(forms.map((form) => [form.title, form] as const))('%s', async (_, form) => {
    if (!isOn(form, major)) {
      await enterSchema({ title: form.title, sql: form.sql });
      await expect(client.query(`begin; ${form.sql}`)).rejects.toThrow();
      await client.query('rollback');
      return;
    }
    const schema = await enterSchema(form);
    const facts = await factsOfSql(form.sql);
    expect(facts.transactional, 'runs in a transaction').toBe(form.held === undefined);
    const predicted = await predict(client, facts, major);
    expectInForce(form, predicted);
    const relations = [...(await readRelations(client)).values()];
    if (form.held !== undefined) await expectRefusedInTransaction(form);
    const measured =
      form.held === undefined
        ? await measureInTransaction(client, form.sql)
        : await measureWatched(database.url, { sql: form.sql, held: form.held, schema });
    expect(locksToCompare(form, measured, { predicted, relations })).toEqual(
      locksExpected(form, predicted),
    );
    expect(workToCompare(form, measured, { predicted, relations })).toEqual(
      workExpected(form, predicted),
    );
    for (const [name, target] of predicted.targets) {
      if (measured.locks.has(name)) seenTargets.add(target);
    }
  });
});

it('has found relations locked on every way that a statement may lead to them', () => {
  expect([...seenTargets].sort()).toEqual([
    'default partition',
    'parent of partition',
    'table of index',
    'table of statistics',
    'tables of foreign keys',
    'tables of type',
    'tables of view',
  ]);
});

describe('functions that are known by name', () => {
  const volatilities = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const { rows } = await client.query<{ name: string; kinds: string[] }>(
      `select proname as name, array_agg(distinct provolatile::text) as kinds
       from pg_proc where pronamespace = 'pg_catalog'::regnamespace
         and not 'timetz'::regtype = any (proargtypes) -- volatile before 15, and nobody's default
       group by proname`,
    );
    return new Map(rows.map(({ name, kinds }) => [name, kinds]));
  };

  it('are functions of the newest server', async () => {
    if (major < 18) return;
    const known = await volatilities();
    const { steady, volatile } = KNOWN_FUNCTIONS;
    expect([...steady, ...volatile].filter((name) => !known.has(name))).toEqual([]);
  });

  it('are as steady as it is said', async () => {
    const known = await volatilities();
    const { steady, volatile } = KNOWN_FUNCTIONS;
    expect([...steady].filter((name) => known.get(name)?.includes('v'))).toEqual([]);
    expect([...volatile].filter((name) => known.get(name)?.includes('v') === false)).toEqual([]);
  });
});

describe('a change of type that is known to be free', () => {
  const TYPES = [
    ...['text', 'varchar', 'varchar(10)', 'varchar(20)', 'char(5)', 'char(9)', 'name'],
    ...['int2', 'int4', 'int8', 'numeric', 'numeric(8, 2)', 'numeric(12, 2)', 'numeric(12, 4)'],
    ...['timestamp', 'timestamp(3)', 'timestamptz', 'timestamptz(3)', 'time(3)', 'time', 'date'],
    ...['varbit(8)', 'varbit(9)', 'varbit', 'bit(8)', 'inet', 'cidr', 'jsonb', 'uuid', 'text[]'],
  ];

  it('is one on a server, of every type to every other', { timeout: 120_000 }, async () => {
    const free: string[] = [];
    const schema = await enterSchema({ title: 'types', sql: '', setup: 'create table x (c int)' });
    for (const from of TYPES) {
      for (const to of TYPES) {
        const setup = `create table typed (c ${from})`;
        const sql = `alter table typed alter column c type ${to}`;
        const created = nothingCreated();
        await factsOfSql(setup, created);
        if ((await factsOfSql(sql, created)).work.length > 0) continue;
        free.push(`${from} to ${to}`);
        await client.query(`${setup}; insert into typed values (null); create index on typed (c)`);
        const { work } = await measureInTransaction(client, sql);
        await client.query(`drop table ${schema}.typed`);
        expect([...work], `${from} to ${to}`).toEqual([]);
      }
    }
    expect(free.length).toBeGreaterThan(TYPES.length + 10);
  });
});

/** An exception that excuses nothing is a mistake. */
function expectInForce(form: StatementForm, { locks, work }: Predicted): void {
  const { spared = {}, besides = {}, idle = {}, extra = {} } = form;
  expect(Object.keys(spared).filter((name) => !locks.has(name))).toEqual([]);
  expect(Object.entries(besides).filter(([name, [mode]]) => locks.get(name) === mode)).toEqual([]);
  expect(Object.keys(idle).filter((each) => !work.has(each))).toEqual([]);
  expect(Object.keys(extra).filter((each) => work.has(each))).toEqual([]);
}

async function expectRefusedInTransaction({ sql }: StatementForm): Promise<void> {
  await client.query('begin');
  await expect(client.query(sql)).rejects.toMatchObject({ code: '25001' });
  await client.query('rollback');
}

type Modes = { readonly [relation: string]: LockMode };

function locksExpected({ spared = {}, besides = {} }: StatementForm, { locks }: Predicted): Modes {
  const stay = [...locks].filter(([name]) => spared[name] === undefined);
  const more = Object.entries(besides).map(([name, [mode]]) => [name, mode] as const);
  return Object.fromEntries([...stay, ...more].sort(byName));
}

interface Schema {
  readonly predicted: Predicted;
  readonly relations: readonly Relation[];
}

/** What was measured without what facts leave out by rule: parts of a table that are not named. */
function locksToCompare(form: StatementForm, measured: Measured, schema: Schema): Modes {
  const { predicted, relations } = schema;
  const isNamed = (name: string): boolean =>
    predicted.locks.has(name) || form.besides?.[name] !== undefined;
  const isPart = (name: string, mode: LockMode): boolean => {
    const relation = relations.find((each) => each.name === name);
    if (relation === undefined) return false;
    const above = [relation.table, ...relation.parents].flatMap((each) => each ?? []);
    if (relation.table !== null && !new RegExp(`\\b${name}\\b`).test(form.sql)) return true;
    return above.some((each) => {
      const lock = predicted.locks.get(each);
      return (lock !== undefined && compareModes(mode, lock) <= 0) || isPart(each, mode);
    });
  };
  return Object.fromEntries(
    [...measured.locks].filter(([name, mode]) => isNamed(name) || !isPart(name, mode)).sort(byName),
  );
}

function workExpected({ idle = {}, extra = {} }: StatementForm, { work }: Predicted): string[] {
  const stay = [...work].filter((each) => !Object.hasOwn(idle, each));
  return [...stay, ...Object.keys(extra)].sort();
}

function workToCompare(form: StatementForm, measured: Measured, schema: Schema): string[] {
  const { predicted, relations } = schema;
  // What a query reads is no work in the sense of the facts: nobody waits for it.
  const seen = [...measured.work].filter(
    (each) => !(each.startsWith('scan ') && READS.test(form.sql)),
  );
  // Partitions share the work of their table, which has no rows of its own.
  const shared = seen.map((each) => {
    const name = each.slice(each.lastIndexOf(' ') + 1);
    const parents = relations.find((relation) => relation.name === name)?.parents ?? [];
    const above = parents.map((parent) => each.slice(0, -name.length) + parent);
    return above.find((parent) => predicted.work.has(parent)) ?? each;
  });
  return [...new Set(shared)].sort();
}

const READS =
  /^(?:select|with|insert|update|delete|merge|copy|explain|create table \w+ as|create materialized|refresh)\b/;

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

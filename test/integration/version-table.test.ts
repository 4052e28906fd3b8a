/** The history schema on real Postgres: who may see it, who owns it, under which roles it works. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import { parseTarget } from '../../src/core/target.ts';
import { directoryRelease } from '../../src/files/directory.ts';
import { CURRENT_FORMAT } from '../../src/postgres/summary.ts';
import type { RunLimits } from '../../src/runner/run-plan.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { releaseOf, revision } from '../support/graph.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';
import { testSurroundings } from '../support/surroundings.ts';

let database: TestDatabase;
let opened: OpenHistory[];
let roles: string[];

beforeEach(async () => {
  database = await createDatabase();
  opened = [];
  roles = [];
});
afterEach(async () => {
  await Promise.all(opened.map((history) => history.close()));
  await database.drop();
  for (const role of roles.toReversed()) await query(adminOf(), `drop role if exists ${role}`);
});

const limits: RunLimits = {
  lockTimeoutMs: 3000,
  lockRetries: 1,
  statementTimeoutMs: 0,
  single: false,
};

function adminOf(): string {
  return database.url.replace(`/${database.name}`, '/postgres');
}

async function open(options: Parameters<typeof openHistory>[1] & { readonly url?: string } = {}) {
  const { url = database.url, ...rest } = options;
  const history = await openHistory(url, rest);
  opened.push(history);
  return history;
}

/** A role that may log in, and the URL with which it does. */
async function role(name: string, options = 'login'): Promise<{ name: string; url: string }> {
  const full = `${name}_${database.name}`;
  await query(database.url, `create role ${full} password 'pw' ${options}`);
  roles.push(full);
  const url = new URL(database.url);
  url.username = full;
  url.password = 'pw';
  return { name: full, url: url.href };
}

function migrate(history: OpenHistory, release = releaseOf('a', 'b<-a')) {
  return upgrade(
    history.db,
    release,
    {
      target: parseTarget('heads'),
      phase: 'all',
      onAhead: 'refuse',
      lockWaitMs: 1000,
      limits,
      gate: {
        hazards: DEFAULT_HAZARD_POLICIES,
        hazardBytes: 0,
        approvals: new Set<string>(),
        approvedBy: 'environment',
        allowDataLoss: false,
      },
    },
    testSurroundings(),
  );
}

const OWNERS = `
  select c.relname, c.relkind, pg_get_userbyid(c.relowner) as owner, c.relacl::text as acl
  from pg_class c where c.relnamespace = 'slipway'::regnamespace order by 1`;

describe('the history schema', () => {
  it('is told of when it is created, and not again', async () => {
    const history = await open();
    await history.db.applied.prepare();
    await history.db.applied.prepare();
    expect(history.context.reporter.events).toEqual([
      { type: 'history.created', schema: 'slipway', format: CURRENT_FORMAT },
    ]);
  });

  it('grants nothing to PUBLIC, whatever the default privileges are', async () => {
    for (const kind of ['tables', 'sequences', 'functions', 'types']) {
      await query(database.url, `alter default privileges grant all on ${kind} to public`);
    }
    await query(database.url, 'alter default privileges grant usage on schemas to public');
    await (await open()).db.applied.prepare();
    const granted = await query(
      database.url,
      `select c.relname, x.privilege_type
       from pg_class c, aclexplode(c.relacl) x
       where c.relnamespace = 'slipway'::regnamespace and x.grantee = 0
       union all
       select n.nspname, x.privilege_type
       from pg_namespace n, aclexplode(n.nspacl) x
       where n.nspname = 'slipway' and x.grantee = 0`,
    );
    expect(granted).toEqual([]);
  });

  it('keeps other roles out', async () => {
    await (await open()).db.applied.prepare();
    const other = await role('other');
    for (const table of ['revision', 'statement', 'log', 'summary']) {
      await expect(query(other.url, `select * from slipway.${table}`)).rejects.toMatchObject({
        code: '42501',
      });
    }
  });

  it('may have any name, and several of them do not disturb each other', async () => {
    const odd = await open({ schema: 'Odd "name' });
    const plain = await open();
    await migrate(odd, releaseOf('x'));
    await migrate(plain, releaseOf('y'));
    expect((await odd.db.applied.list()).map((row) => row.id)).toEqual(['x']);
    expect((await plain.db.applied.list()).map((row) => row.id)).toEqual(['y']);
    expect(await odd.db.lock.tryAcquire()).toBe(true);
    expect(await plain.db.lock.tryAcquire()).toBe(true);
  });

  it('records who did what, from where', async () => {
    const history = await open();
    await migrate(history);
    const provenance = {
      pod: 'web-1',
      namespace: 'shop',
      node: 'n1',
      image: 'shop:1',
      release: 'v1',
      version: '0.0.0',
    };
    const [row] = await history.db.applied.list();
    expect(row).toMatchObject({ provenance, role: new URL(database.url).username });
    const [entry] = await history.db.applied.recentLog(1);
    expect(entry).toMatchObject({ event: 'upgrade', revision: 'b', provenance });
    expect(await query(database.url, 'select distinct run_id from slipway.log')).toEqual([
      { run_id: 'run1' },
    ]);
  });

  it('keeps the SQL of a revision in columns that people can read', async () => {
    const part = revision('a', { up: 'select 1;', verify: 'select true;', down: 'select 2;' });
    await migrate(await open(), releaseOf(part));
    const [row] = await query(
      database.url,
      'select up, verify, down, source from slipway.revision',
    );
    expect(row).toEqual({
      up: part.up.text,
      verify: part.verify?.text,
      down: part.down?.text,
      source: part.source,
    });
  });

  it('holds what the sample revisions leave behind', async () => {
    const history = await open();
    const release = directoryRelease('migrations');
    const graph = await release.graph();
    const outcome = await migrate(history, release);
    expect(outcome).toMatchObject({ outcome: 'done', heads: graph.heads });
    const identity = await release.identity();
    expect((await history.db.applied.summary())?.digest).toBe(identity.digest);
    expect((await migrate(history, release)).outcome).toBe('nothing-to-do');
  });
});

describe('a role with few rights', () => {
  it('is told which privilege it lacks to create the history schema', async () => {
    const poor = await role('poor');
    const history = await open({ url: poor.url });
    await expect(history.db.applied.prepare()).rejects.toMatchObject({ kind: 'privilege' });
  });

  it('works in a schema that was created for it, without CREATE on the database', async () => {
    const app = await role('app');
    await query(database.url, `create schema slipway authorization ${app.name}`);
    await query(database.url, `create schema shop authorization ${app.name}`);
    const history = await open({ url: app.url, searchPath: 'shop' });
    expect((await migrate(history)).revisions).toEqual(['a', 'b']);
    expect((await query(database.url, OWNERS)).every((row) => row['owner'] === app.name)).toBe(
      true,
    );
    expect(await query(database.url, "select to_regclass('shop.b') is not null as there")).toEqual([
      { there: true },
    ]);
  });

  it('works in a schema that it may use and does not own', async () => {
    const app = await role('app');
    await query(database.url, 'create schema slipway');
    await query(database.url, `grant usage, create on schema slipway to ${app.name}`);
    await query(database.url, `create schema shop authorization ${app.name}`);
    const history = await open({ url: app.url, searchPath: 'shop' });
    expect((await migrate(history)).revisions).toEqual(['a', 'b']);
  });
});

describe('the role to act as', () => {
  it('owns what revisions create, and the history', async () => {
    const owner = await role('owner', 'nologin');
    const app = await role('app', `login in role ${owner.name}`);
    await query(database.url, `grant create on database ${database.name} to ${owner.name}`);
    await query(database.url, `create schema shop authorization ${owner.name}`);
    const history = await open({ url: app.url, role: owner.name, searchPath: 'shop' });
    const part = revision('i<-b transaction:none', {
      up: 'create index concurrently i on b (id);',
      down: 'drop index concurrently i;',
    });
    await migrate(history, releaseOf('a', 'b<-a', part));
    const owners = await query(
      database.url,
      `select distinct pg_get_userbyid(relowner) as owner from pg_class
       where relnamespace in ('slipway'::regnamespace, 'shop'::regnamespace)`,
    );
    expect(owners).toEqual([{ owner: owner.name }]);
    expect((await history.db.applied.list()).map((row) => row.role)).toEqual(
      Array(3).fill(owner.name),
    );
  });

  it('is taken up again when a revision gave it up', async () => {
    const owner = await role('owner', 'nologin');
    const app = await role('app', `login in role ${owner.name}`);
    await query(database.url, `grant create on database ${database.name} to ${owner.name}`);
    await query(database.url, `create schema shop authorization ${owner.name}`);
    const history = await open({ url: app.url, role: owner.name, searchPath: 'shop' });
    const rude = revision('a', { up: 'reset role;\nset search_path = pg_catalog;', down: '' });
    await expect(migrate(history, releaseOf(rude, 'b<-a'))).resolves.toMatchObject({
      revisions: ['a', 'b'],
    });
    expect(
      await query(database.url, "select tableowner from pg_tables where tablename = 'b'"),
    ).toEqual([{ tableowner: owner.name }]);
  });

  it('that does not exist, or may not be taken up, is an error of the first query', async () => {
    const app = await role('app');
    const forbidden = await open({ url: app.url, role: 'postgres' });
    await expect(forbidden.db.applied.prepare()).rejects.toMatchObject({ kind: 'privilege' });
  });
});

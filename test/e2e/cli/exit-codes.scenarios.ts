/** How each failure of `exit-codes.test.ts` is brought about. */

import { Client } from 'pg';
import { expect } from 'vitest';
import { type Outcome, serverRuns, until } from '../../support/cli.ts';
import { query } from '../../support/postgres.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  placeAt,
  type RevisionSpec,
} from '../../support/projects.ts';

/** A base revision: a table with a row. */
export const table: RevisionSpec = {
  id: 'r1',
  up: 'create table account (id int primary key, note text);\ninsert into account values (1);',
  down: 'drop table account;',
};
/** A compatible change of that table. */
export const column: RevisionSpec = {
  id: 'r2',
  up: 'alter table account add column phone text;',
  down: 'alter table account drop column phone;',
};
/** A breaking change of that table. */
export const renamed: RevisionSpec = {
  id: 'r2',
  up: 'alter table account rename column note to remark;',
};

/** Upgrades with these environment variables. */
export function upgrade(
  place: Place,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return place.run(['upgrade'], { env });
}

/** Another runner holds the migration lock while a statement runs. */
export async function locked(): Promise<Outcome> {
  const place = await createPlace({ id: 'r1', up: 'select pg_sleep(60);' });
  const env = { POD_NAME: 'shop-7d9c', POD_NAMESPACE: 'prod' };
  const holder = place.start(['upgrade'], { env });
  await serverRuns(place.url, '%pg_sleep%');
  const outcome = await place.run(['upgrade', '--lock-wait', '300ms']);
  holder.kill('SIGTERM');
  expect((await holder.ended).exitCode).toBe(24);
  return outcome;
}

/** A session idles in a transaction that read the table. */
export async function objectLocked(): Promise<Outcome> {
  const place = await createUpgraded(table);
  await place.project.add(column);
  const url = new URL(place.url);
  url.searchParams.set('application_name', 'slipway/prod/report-5f7b');
  const other = new Client({ connectionString: url.href });
  await other.connect();
  try {
    await other.query('begin');
    await other.query('select * from account');
    return await upgrade(place, { SLIPWAY_LOCK_TIMEOUT: '1500ms', SLIPWAY_LOCK_RETRIES: '0' });
  } finally {
    await other.end();
  }
}

/** Told to stop in a statement that takes a minute. */
export async function interrupted(): Promise<Outcome> {
  const place = await createPlace({ id: 'r1', up: 'select pg_sleep(60);' });
  const run = place.start(['upgrade']);
  await serverRuns(place.url, '%pg_sleep%');
  run.kill('SIGTERM');
  return run.ended;
}

/** Killed in a procedure that had committed half of its work, and run again. */
export async function halfApplied(): Promise<Outcome> {
  const place = await createUpgraded(table, {
    id: 'p',
    up: `create procedure pay() language plpgsql as $$
      begin
        insert into account values (2);
        commit;
        perform pg_sleep(60);
      end $$;`,
  });
  await place.project.add({ id: 'r2', header: ['transaction none'], up: 'call pay();' });
  const run = place.start(['upgrade']);
  await until(async () => {
    expect(await place.query('select 1 from account where id = 2')).toHaveLength(1);
  });
  run.kill('SIGKILL');
  expect((await run.ended).signal).toBe('SIGKILL');
  return upgrade(place);
}

/** The database has revisions whose files are gone. */
export async function ahead(
  env: Readonly<Record<string, string>>,
  ...more: readonly RevisionSpec[]
) {
  const place = await createUpgraded(table, ...more);
  for (const { id } of more) await place.project.remove(id);
  return upgrade(place, env);
}

/** An applied file was edited. */
export async function edited(): Promise<Outcome> {
  const place = await createUpgraded(table);
  const text = 'create table account (id bigint primary key);';
  await place.project.write(
    'migrations/20260101000001_r1.sql',
    `-- slipway:revision r1\n-- x\n\n-- slipway:up\n${text}\n\n-- slipway:down\ndrop table account;\n`,
  );
  return upgrade(place);
}

/** The database has a revision that the files lack, and the files have another one. */
export async function diverged(): Promise<Outcome> {
  const place = await createUpgraded(table, column);
  await place.project.remove('r2');
  await place.project.add({ id: 'x2', revises: ['r1'], up: 'create table other ();' });
  return upgrade(place);
}

/** The role may do nothing in the database. */
export async function withoutRights(): Promise<Outcome> {
  const place = await createPlace(table);
  const url = await asRole(place.url);
  return upgrade(placeAt(place.project, url));
}

/** The role may create schemas, but does not own the table. */
export async function notTheOwner(): Promise<Outcome> {
  const place = await createPlace({ id: 'r1', up: 'alter table theirs add column x int;' });
  const url = await asRole(place.url, (role, database) => [
    'create table theirs ()',
    `grant create on database ${database} to ${role}`,
  ]);
  return upgrade(placeAt(place.project, url));
}

/** The same database as a role of its own that may only log in. */
async function asRole(
  admin: string,
  grants: (role: string, database: string) => readonly string[] = () => [],
): Promise<string> {
  const url = new URL(admin);
  const database = url.pathname.slice(1);
  const role = `app_${database}`;
  await query(admin, `create role ${role} login`);
  for (const grant of grants(role, database)) await query(admin, grant);
  url.username = role;
  return url.href;
}

/** Node itself was made to throw something inside slipway. */
export async function broken(how: string): Promise<Outcome> {
  const place = await createPlace(table);
  const path = await place.project.write('broken.mjs', how);
  return upgrade(place, { NODE_OPTIONS: `--import ${path}` });
}

/** A call that an awaited function makes throws. */
export const rejects = `
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
crypto.createHash = () => { throw new TypeError('nobody foresaw this'); };
syncBuiltinESMExports();
`;

/** A timer throws while slipway connects. */
export const throwsFromTimer = `
import { Socket } from 'node:net';
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  setTimeout(() => { throw new RangeError('nobody foresaw this'); });
  return connect.apply(this, args);
};
`;

/** The table is there, and these revisions are pending. */
export async function placeBehind(...revisions: readonly RevisionSpec[]): Promise<Place> {
  const place = await createUpgraded(table);
  await place.project.add(...revisions);
  return place;
}

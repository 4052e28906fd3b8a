/** Every documented exit code, provoked for real, with its error code, its hint and a silent stdout. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import {
  failureOf,
  type LogLine,
  type Outcome,
  serverRuns,
  slipway,
  until,
} from '../../support/cli.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  placeAt,
  type RevisionSpec,
} from '../../support/projects.ts';

const table: RevisionSpec = {
  id: 'r1',
  up: 'create table account (id int primary key, note text);\ninsert into account values (1);',
  down: 'drop table account;',
};
const column: RevisionSpec = {
  id: 'r2',
  up: 'alter table account add column phone text;',
  down: 'alter table account drop column phone;',
};
const renamed: RevisionSpec = { id: 'r2', up: 'alter table account rename column note to remark;' };

function upgrade(place: Place, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return place.run(['upgrade'], { env });
}

async function locked(): Promise<Outcome> {
  const place = await createPlace({ id: 'r1', up: 'select pg_sleep(60);' });
  const env = { POD_NAME: 'shop-7d9c', POD_NAMESPACE: 'prod' };
  const holder = place.start(['upgrade'], { env });
  await serverRuns(place.url, '%pg_sleep%');
  const outcome = await place.run(['upgrade', '--lock-wait', '300ms']);
  holder.kill('SIGTERM');
  expect((await holder.ended).exitCode).toBe(24);
  return outcome;
}

async function objectLocked(): Promise<Outcome> {
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

async function interrupted(): Promise<Outcome> {
  const place = await createPlace({ id: 'r1', up: 'select pg_sleep(60);' });
  const run = place.start(['upgrade']);
  await serverRuns(place.url, '%pg_sleep%');
  run.kill('SIGTERM');
  return run.ended;
}

async function halfApplied(): Promise<Outcome> {
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

async function ahead(env: Readonly<Record<string, string>>, ...more: readonly RevisionSpec[]) {
  const place = await createUpgraded(table, ...more);
  for (const { id } of more) await place.project.remove(id);
  return upgrade(place, env);
}

async function edited(): Promise<Outcome> {
  const place = await createUpgraded(table);
  const text = 'create table account (id bigint primary key);';
  await place.project.write(
    'migrations/20260101000001_r1.sql',
    `-- slipway:revision r1\n-- x\n\n-- slipway:up\n${text}\n\n-- slipway:down\ndrop table account;\n`,
  );
  return upgrade(place);
}

async function diverged(): Promise<Outcome> {
  const place = await createUpgraded(table, column);
  await place.project.remove('r2');
  await place.project.add({ id: 'x2', revises: ['r1'], up: 'create table other ();' });
  return upgrade(place);
}

async function withoutRights(): Promise<Outcome> {
  const place = await createPlace(table);
  const url = await asRole(place.url);
  return upgrade(placeAt(place.project, url));
}

async function notTheOwner(): Promise<Outcome> {
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

/** Throws something nobody foresaw from inside Node, which slipway calls. */
async function broken(how: string): Promise<Outcome> {
  const place = await createPlace(table);
  const path = await place.project.write('broken.mjs', how);
  return upgrade(place, { NODE_OPTIONS: `--import ${path}` });
}

const rejects = `
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
crypto.createHash = () => { throw new TypeError('nobody foresaw this'); };
syncBuiltinESMExports();
`;

const throwsFromTimer = `
import { Socket } from 'node:net';
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  setTimeout(() => { throw new RangeError('nobody foresaw this'); });
  return connect.apply(this, args);
};
`;

interface Case {
  readonly exit: number;
  readonly code: string;
  readonly when: string;
  readonly provoke: () => Promise<Outcome>;
  readonly also?: (failure: LogLine) => void;
}

const cases: readonly Case[] = [
  {
    exit: 10,
    code: 'SLIPWAY_USAGE',
    when: 'a flag does not exist',
    provoke: () => slipway(['upgrade', '--dri-run']),
    also: (failure) => expect(failure['next']).toMatch(/--dry-run/),
  },
  {
    exit: 10,
    code: 'SLIPWAY_CONFIG_INVALID',
    when: 'a setting has no sense',
    provoke: () => slipway(['upgrade'], { env: { SLIPWAY_LOCK_WAIT: 'soon' } }),
    also: (failure) => expect(failure.msg).toMatch(/SLIPWAY_LOCK_WAIT/),
  },
  {
    exit: 10,
    code: 'SLIPWAY_CONNECTION_SETTINGS',
    when: 'the URL is none',
    provoke: async () =>
      upgrade(placeAt((await createPlace(table)).project, 'mysql://127.0.0.1/shop')),
  },
  {
    exit: 11,
    code: 'SLIPWAY_FILE_MALFORMED',
    when: 'a file has an unknown directive',
    provoke: async () => upgrade(await createPlace({ ...table, header: ['tranasction none'] })),
    also: (failure) => {
      expect(failure.msg).toMatch(/_r1\.sql:2:\d+/);
      expect(failure['next']).toMatch(/transaction/);
    },
  },
  {
    exit: 11,
    code: 'SLIPWAY_APPLIED_CHECKSUM_CHANGED',
    when: 'an applied file was edited',
    provoke: edited,
    also: (failure) => expect(failure).toMatchObject({ revision: 'r1' }),
  },
  {
    exit: 11,
    code: 'SLIPWAY_HISTORY_DIVERGED',
    when: 'database and files each have what the other lacks',
    provoke: diverged,
    also: (failure) => expect(failure).toMatchObject({ unknown: ['r2'], pending: ['x2'] }),
  },
  {
    exit: 12,
    code: 'SLIPWAY_REVISION_FAILED',
    when: 'a statement fails',
    provoke: async () => upgrade(await createPlace(table, { id: 'r2', up: 'select 1 / 0;' })),
    also: (failure) =>
      expect(failure).toMatchObject({
        sqlState: '22012',
        rolledBack: true,
        finished: ['r1'],
        heads: ['r1'],
      }),
  },
  {
    exit: 12,
    code: 'SLIPWAY_VERIFY_FAILED',
    when: 'a revision does not verify',
    provoke: async () =>
      upgrade(await createPlace({ ...table, verify: 'select count(*) > 5 from account;' })),
  },
  {
    exit: 13,
    code: 'SLIPWAY_HAZARD_REFUSED',
    when: 'policy refuses a breaking change',
    provoke: async () => upgrade(await placeBehind(renamed), { SLIPWAY_HAZARDS: 'refuse' }),
  },
  {
    exit: 14,
    code: 'SLIPWAY_SCHEMA_AHEAD',
    when: 'the database is ahead and breaks this release',
    provoke: () => ahead({}, renamed),
    also: (failure) => expect(failure).toMatchObject({ revision: 'r2', unknown: ['r2'] }),
  },
  {
    exit: 15,
    code: 'SLIPWAY_CHECK_PENDING',
    when: 'the check for heads says no',
    provoke: async () => {
      const place = await createPlace(table);
      return place.run(['current', '--check-heads']);
    },
  },
  {
    exit: 16,
    code: 'SLIPWAY_NEEDS_APPROVAL',
    when: 'data would be lost',
    provoke: async () => upgrade(await placeBehind({ id: 'r2', up: 'drop table account;' })),
    also: (failure) => expect(failure['next']).toMatch(/approve data-loss/),
  },
  {
    exit: 17,
    code: 'SLIPWAY_PRIVILEGE_MISSING',
    when: 'the role may not create the history schema',
    provoke: withoutRights,
  },
  {
    exit: 17,
    code: 'SLIPWAY_PRIVILEGE_MISSING',
    when: 'the role does not own the table',
    provoke: notTheOwner,
    also: (failure) => expect(failure).toMatchObject({ revision: 'r1', sqlState: '42501' }),
  },
  {
    exit: 20,
    code: 'SLIPWAY_DB_UNREACHABLE',
    when: 'nobody listens',
    provoke: async () => {
      const { project } = await createPlace(table);
      return upgrade(placeAt(project, 'postgres://app@127.0.0.1:1/shop'), {
        SLIPWAY_CONNECT_TIMEOUT: '300ms',
      });
    },
  },
  {
    exit: 21,
    code: 'SLIPWAY_DB_MISSING',
    when: 'the database does not exist',
    provoke: async () => {
      const place = await createPlace(table);
      return upgrade(placeAt(place.project, place.url.replace(/[^/]+$/, 'nowhere')));
    },
  },
  {
    exit: 22,
    code: 'SLIPWAY_LOCK_TIMEOUT',
    when: 'another runner holds the migration lock',
    provoke: locked,
    also: (failure) => {
      expect(failure.msg).toMatch(/pod prod\/shop-7d9c \(pid \d+/);
      expect(failure).toMatchObject({ holder: { pod: 'prod/shop-7d9c' } });
    },
  },
  {
    exit: 23,
    code: 'SLIPWAY_OBJECT_LOCK_TIMEOUT',
    when: 'a session that idles in a transaction holds the table',
    provoke: objectLocked,
    also: (failure) => {
      expect(failure.msg).toMatch(/pod prod\/report-5f7b \(pid \d+, idle in transaction/);
      expect(failure).toMatchObject({
        revision: 'r2',
        rolledBack: true,
        blockers: [{ pod: 'prod/report-5f7b', state: 'idle in transaction' }],
      });
    },
  },
  {
    exit: 24,
    code: 'SLIPWAY_INTERRUPTED',
    when: 'it is told to stop',
    provoke: interrupted,
  },
  {
    exit: 25,
    code: 'SLIPWAY_DB_READ_ONLY',
    when: 'no host takes writes',
    provoke: async () => {
      const place = await createPlace(table);
      await place.query(`alter database ${place.database} set default_transaction_read_only = on`);
      return upgrade(place, {
        PGTARGETSESSIONATTRS: 'read-write',
        SLIPWAY_CONNECT_TIMEOUT: '300ms',
      });
    },
  },
  {
    exit: 30,
    code: 'SLIPWAY_REVISION_AMBIGUOUS',
    when: 'it was killed in a statement that leaves no evidence',
    provoke: halfApplied,
    also: (failure) => {
      expect(failure).toMatchObject({ revision: 'r2', ordinal: 1, of: 1 });
      expect(failure['statement']).toBe('call pay()');
      expect(failure['next']).toMatch(/slipway:idempotent/);
    },
  },
  {
    exit: 70,
    code: 'SLIPWAY_INTERNAL',
    when: 'something inside throws what nobody foresaw',
    provoke: () => broken(rejects),
    also: (failure) => expect(failure.msg).toMatch(/TypeError: nobody foresaw this/),
  },
  {
    exit: 70,
    code: 'SLIPWAY_INTERNAL',
    when: 'a timer throws what nobody foresaw',
    provoke: () => broken(throwsFromTimer),
    also: (failure) => expect(failure.msg).toMatch(/RangeError: nobody foresaw this/),
  },
];

async function placeBehind(...revisions: readonly RevisionSpec[]): Promise<Place> {
  const place = await createUpgraded(table);
  await place.project.add(...revisions);
  return place;
}

describe('exit codes of failures', { concurrent: true }, () => {
  it.each(cases)('$exit $code when $when', async ({ exit, code, provoke, also }) => {
    const outcome = await provoke();
    const failure = failureOf(outcome, exit, code);
    expect(failure['next']).toMatch(/^(?:[A-Z"]|slipway ).+[.?]$/);
    expect(outcome.stdout).toBe('');
    also?.(failure);
  });
});

describe('exit code 0', { concurrent: true }, () => {
  it('comes when revisions were applied, and again when there is nothing to do', async () => {
    const place = await createPlace(table, column);
    const first = await upgrade(place);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.log.at(-1)).toMatchObject({
      event: 'run.finished',
      outcome: 'done',
      applied: 2,
      heads: ['r2'],
    });
    const second = await upgrade(place);
    expect(second.exitCode).toBe(0);
    expect(second.log.at(-1)).toMatchObject({ event: 'run.finished', outcome: 'nothing-to-do' });
    expect(first.stdout + second.stdout).toBe('');
  });

  it('comes when the database is ahead and compatible', async () => {
    const outcome = await ahead({}, column);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({
        event: 'schema.ahead',
        level: 'warn',
        policy: 'compatible',
        unknown: ['r2'],
      }),
    );
  });

  it('comes when the database is ahead, breaks this release and that is ignored', async () => {
    const outcome = await ahead({ SLIPWAY_ON_AHEAD: 'ignore' }, renamed);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'schema.ahead', policy: 'ignored' }),
    );
  });
});

describe('on a server of its own', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startPostgres({
      hba: 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    });
    await query(socketUrl(), "alter role postgres password 'right'");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const socketUrl = () =>
    `postgres://postgres@localhost:${server.port}/postgres?host=${encodeURIComponent(server.socketDir)}`;

  it('21 SLIPWAY_DB_AUTH_FAILED when the password is wrong', async () => {
    const { project } = await createPlace(table);
    const url = server.url.replace('postgres@', 'postgres:wr0ng@');
    const outcome = await upgrade(placeAt(project, url));
    expect(failureOf(outcome, 21, 'SLIPWAY_DB_AUTH_FAILED')['next']).toMatch(/\w/);
    expect(outcome.stdout + outcome.stderr).not.toMatch('wr0ng');
  });

  it('25 SLIPWAY_DB_READ_ONLY when the server is a standby', async () => {
    const { project } = await createPlace(table);
    await server.stop();
    await writeFile(join(server.dataDir, 'standby.signal'), '');
    // It never says "ready" while in recovery, so whether it answers is asked over a connection.
    server.start().catch(() => undefined);
    await until(() => query(socketUrl(), 'select pg_is_in_recovery()'));
    const outcome = await upgrade(placeAt(project, socketUrl()), {
      SLIPWAY_CONNECT_TIMEOUT: '300ms',
    });
    expect(failureOf(outcome, 25, 'SLIPWAY_DB_READ_ONLY')['next']).toMatch(/primary/);
  });
});

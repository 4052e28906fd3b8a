/** Servers that crash, fail over, fill up and change their passwords in the middle of a run. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf, serverRuns, until } from '../../support/cli.ts';
import { startCommitProxy } from '../../support/commit-proxy.ts';
import { query, startPostgres, withClient } from '../../support/postgres.ts';
import { createProject, type Place, placeAt, type RevisionSpec } from '../../support/projects.ts';
import { startStandby } from '../../support/standby.ts';

const FIRST: RevisionSpec = { id: 'r1', up: 'create table gate (open boolean);' };
const GATED: RevisionSpec = {
  id: 'r2',
  up: `create table half_done ();
do $$ begin
  while not exists (select from gate where open) loop
    perform pg_sleep(0.02);
  end loop;
end $$;`,
};
const OPEN = 'insert into gate values (true)';
const LAST: RevisionSpec = { id: 'r3', up: 'create table last ();' };

/** A project on `url` whose first revision is applied. */
async function upgradedAt(url: string, ...pending: readonly RevisionSpec[]): Promise<Place> {
  const project = await createProject([FIRST]);
  projects.push(project);
  const place = placeAt(project, url);
  await place.succeed(['upgrade']);
  await project.add(...pending);
  return place;
}
const projects: AsyncDisposable[] = [];
afterAll(async () => {
  for (const project of projects) await project[Symbol.asyncDispose]();
});

const appliedAt = async (url: string) =>
  (await query(url, 'select id from slipway.revision order by sequence')).map((row) => row['id']);

describe('a server that goes away in the middle of a run', { timeout: 120_000 }, () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(['fast', 'immediate'] as const)(
    'by a %s shutdown ends it with 20; the next one waits for the start and converges',
    async (mode) => {
      const name = `down_${mode}`;
      await query(server.url, `create database ${name}`);
      const place = await upgradedAt(server.url.replace(/postgres$/, name), GATED, LAST);
      const run = place.start(['upgrade']);
      await serverRuns(place.url, '%pg_sleep%');
      await server.stop(mode);
      const failure = failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');
      expect(failure).toMatchObject({ revision: 'r2', rolledBack: true });
      const next = place.start(['upgrade']);
      expect(await next.logged('connection.retrying')).toMatchObject({ cause: /refused/ });
      await server.start();
      await query(place.url, OPEN);
      const outcome = await next.ended;
      expect(outcome.exitCode, outcome.stderr).toBe(0);
      expect(await appliedAt(place.url)).toEqual(['r1', 'r2', 'r3']);
    },
  );

  it('by a crash right after the last commit is waited for, and the run ends well', async () => {
    await query(server.url, 'create database crash_at_commit');
    const place = await upgradedAt(server.url.replace(/postgres$/, 'crash_at_commit'), LAST);
    await using proxy = await startCommitProxy(place.url);
    const through = new URL(place.url);
    through.port = String(proxy.port);
    let restarted: Promise<void> | undefined;
    proxy.arm({
      arrives: true,
      serverLearns: true,
      before: async () => {
        await server.stop('immediate');
        restarted = server.start();
      },
    });
    const outcome = await placeAt(place.project, through.href).run(['upgrade']);
    await restarted;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 1 });
    expect(await appliedAt(place.url)).toEqual(['r1', 'r3']);
  });
});

function severalHosts(ports: readonly number[]): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  return `postgresql://postgres@${hosts}/postgres?target_session_attrs=read-write`;
}

describe('a failover in the middle of a run', { timeout: 120_000 }, () => {
  it('ends it with 20, and the next one goes on at the promoted standby', async () => {
    await using primary = await startPostgres();
    await using standby = await startStandby(primary);
    const place = await upgradedAt(primary.url, GATED, LAST);
    const both = { url: severalHosts([primary.port, standby.port]) };
    await until(async () => expect(await appliedAt(standby.url)).toEqual(['r1']));
    const run = place.start(['upgrade'], both);
    await serverRuns(primary.url, '%pg_sleep%');
    await primary.stop('immediate');
    failureOf(await run.ended, 20, 'SLIPWAY_DB_CONNECTION_LOST');

    const next = place.start(['upgrade'], both);
    const retrying = await next.logged('connection.retrying');
    expect(retrying['cause']).toMatch(/refused.*read-only/);
    await query(standby.url, 'select pg_promote()');
    await until(() => query(standby.url, OPEN));
    const outcome = await next.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await appliedAt(standby.url)).toEqual(['r1', 'r2', 'r3']);
  });

  it('at a commit is found out at the promoted standby, which may not have it', async () => {
    await using primary = await startPostgres();
    await using standby = await startStandby(primary);
    const place = await upgradedAt(primary.url, LAST);
    await until(async () => expect(await appliedAt(standby.url)).toEqual(['r1']));
    await using proxy = await startCommitProxy(primary.url);
    // What the primary commits from now on never gets there.
    await query(standby.url, "alter system set primary_conninfo = ''");
    await query(standby.url, 'select pg_reload_conf()');
    await until(async () =>
      expect(await query(primary.url, 'select from pg_stat_replication')).toEqual([]),
    );
    proxy.arm({
      arrives: true,
      serverLearns: true,
      before: async () => {
        await primary.stop('immediate');
        await query(standby.url, 'select pg_promote()');
      },
    });
    const both = { url: severalHosts([proxy.port, standby.port]) };
    const outcome = await place.run(['upgrade'], both);
    const failure = failureOf(outcome, 20, 'SLIPWAY_DB_CONNECTION_LOST');
    expect(failure.msg).toMatch(/was not committed/);
    await place.succeed(['upgrade'], both);
    expect(await appliedAt(standby.url)).toEqual(['r1', 'r3']);
  });
});

describe('a server that is full', () => {
  it('is tried again until a place is free, and the log says why', async () => {
    await using server = await startPostgres({
      config: { max_connections: '4', superuser_reserved_connections: '0', max_wal_senders: '0' },
    });
    const project = await createProject([FIRST]);
    projects.push(project);
    const place = placeAt(project, server.url);
    const run = await withClient(server.url, () =>
      withClient(server.url, () =>
        withClient(server.url, () =>
          withClient(server.url, async () => {
            const started = place.start(['upgrade']);
            expect(await started.logged('connection.retrying')).toMatchObject({
              cause: expect.stringMatching(/too many|remaining connection slots/),
            });
            return started;
          }),
        ),
      ),
    );
    expect((await run.ended).exitCode).toBe(0);
  });
});

describe('a password that is rotated in the middle of a run', { timeout: 60_000 }, () => {
  let server: EmbeddedPostgres;
  let folder: string;
  beforeAll(async () => {
    server = await startPostgres({
      hba: 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    });
    folder = await mkdtemp(join(tmpdir(), 'slipway-rotated-'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const admin = () => `${server.url}?host=${encodeURIComponent(server.socketDir)}`;

  it.each(['file', 'command'] as const)(
    'is taken anew from the %s by second connections and by a connection in place of a lost one',
    async (source) => {
      const role = `rotated_${source}`;
      const secretFile = join(folder, source);
      await query(admin(), `create role ${role} superuser login password 'first'`);
      await query(admin(), `create database ${role}`);
      const direct = admin().replace('/postgres?', `/${role}?`);
      const proxied = new URL(server.url);
      proxied.pathname = `/${role}`;
      await using proxy = await startCommitProxy(proxied.href);
      proxied.port = String(proxy.port);
      proxied.username = role;
      const rotate = async (password: string) => {
        await query(admin(), `alter role ${role} password '${password}'`);
        const url = new URL(proxied);
        url.password = password;
        await writeFile(secretFile, source === 'file' ? url.href : password);
      };
      await rotate('first');
      const project = await createProject([FIRST]);
      projects.push(project);
      const env: Record<string, string> =
        source === 'file'
          ? { DATABASE_URL_FILE: secretFile }
          : { DATABASE_URL: proxied.href, SLIPWAY_PASSWORD_COMMAND: `cat ${secretFile}` };
      const place = placeAt(project, server.url);
      const there = { url: undefined, env };
      await place.succeed(['upgrade'], there);
      await project.add({ id: 'r2', up: 'alter table gate add column wide boolean;' }, LAST);

      await withClient(direct, async (other) => {
        await other.query('begin; lock table gate');
        const run = place.start(['upgrade', '--lock-timeout', '60s'], there);
        await serverRuns(direct, 'alter table gate%');
        await rotate('second');
        // Who blocks is seen over a second connection.
        expect(await run.logged('blocked.waiting')).toMatchObject({ revision: 'r2' });
        proxy.arm({ arrives: true, serverLearns: true });
        await other.query('rollback');
        const outcome = await run.ended;
        expect(outcome.exitCode, outcome.stderr).toBe(0);
        expect(proxy.hasCut).toBe(true);
        expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', applied: 2 });
      });
    },
  );
});

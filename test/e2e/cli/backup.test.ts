/** `--backup` and `slipway backup` with a real pg_dump: what is saved, when, and what fails without it. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf, type Outcome, until } from '../../support/cli.ts';
import { canDump, dumpPrograms, startDumpable, withoutDump } from '../../support/pg-dump.ts';
import { query } from '../../support/postgres.ts';
import { createProject, type Place, placeAt, type RevisionSpec } from '../../support/projects.ts';

const approve = ['approve data-loss nobody reads it'];

const base: RevisionSpec = {
  id: 'r1',
  up: `create table users (id serial primary key, phone text);
create table orders (id int primary key, note text);
insert into users (phone) select 'tel ' || n from generate_series(1, 3) n;
insert into orders values (1, 'first');`,
  down: 'drop table orders; drop table users;',
};
const dropPhone: RevisionSpec = {
  id: 'r2',
  header: approve,
  up: 'alter table users drop column phone;',
  down: 'alter table users add column phone text;',
};

describe.skipIf(!canDump)(`backups${withoutDump}`, () => {
  let server: EmbeddedPostgres;
  let count = 0;
  const leftovers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startDumpable({
      config: { max_connections: '100' },
      hba: 'local all all trust\nhost all app 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n',
    });
    await query(server.url, `create role app login superuser password 'p@ss w"ord''#'`);
  });
  afterAll(async () => {
    await Promise.all(leftovers.map((remove) => remove()));
    await server[Symbol.asyncDispose]();
  });

  interface BackupPlace extends Place {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    /** The dumps in the folder. */
    dumps(): Promise<readonly string[]>;
  }

  async function placeOf(...revisions: readonly RevisionSpec[]): Promise<BackupPlace> {
    count += 1;
    const name = `shop ${count}`;
    await query(server.url, `create database "${name}"`);
    const project = await createProject(revisions);
    leftovers.push(() => project[Symbol.asyncDispose]());
    const url = new URL(server.url);
    url.pathname = `/${encodeURIComponent(name)}`;
    const folder = project.path('backups');
    await mkdir(folder);
    return {
      ...placeAt(project, url.href),
      folder,
      env: { SLIPWAY_BACKUP_DIR: folder },
      dumps: () => readdir(folder),
    };
  }

  /** A place with the first revision applied and the others pending. */
  async function upgradedPlace(...pending: readonly RevisionSpec[]): Promise<BackupPlace> {
    const place = await placeOf(base);
    await place.succeed(['upgrade']);
    await place.project.add(...pending);
    return place;
  }

  const finishedIn = (outcome: Outcome) =>
    outcome.log.find((line) => line.event === 'backup.finished');

  async function restored(file: string, args: readonly string[] = []): Promise<string> {
    const { restore } = dumpPrograms();
    const { stdout } = await promisify(execFile)(restore, [...args, '-f', '-', file]);
    return stdout;
  }

  const columns = (place: Place, table: string) =>
    place
      .query(
        `select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
        [table],
      )
      .then((rows) => rows.map((row) => row['attname']));

  describe('before a revision that loses data', () => {
    it('saves the table with its sequence, verified, and says so everywhere', async () => {
      const place = await upgradedPlace(dropPhone);
      const outcome = await place.succeed(['upgrade', '--backup'], { env: place.env });
      const [file, ...others] = await place.dumps();
      expect(others).toEqual([]);
      const path = join(place.folder, file ?? '');
      const content = await readFile(path);
      const finished = finishedIn(outcome);
      expect(finished).toMatchObject({
        name: file,
        path,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
        tables: ['public.users'],
        program: expect.stringMatching(/^pg_dump \d/),
      });
      expect(file).toMatch(/^shop_\d+-\d{8}T\d{6}Z-r2-[0-9a-f]{6}\.dump$/);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const sql = await restored(path);
      expect(sql).toContain('tel 3');
      expect(sql).toContain('users_id_seq');
      expect(sql).not.toContain('orders');
      expect(await columns(place, 'users')).toEqual(['id']);
      const order = outcome.log.map((line) => line.event);
      expect(order.indexOf('backup.finished')).toBeGreaterThan(order.indexOf('plan.ready'));
      expect(order.indexOf('backup.finished')).toBeLessThan(order.indexOf('revision.applied'));
      expect(outcome.log.at(-1)).toMatchObject({ event: 'run.finished', backups: [path] });
      expect(outcome.log.at(-1)?.msg).toContain(`backup: ${path}`);
      const audit = await place.query(
        `select revision, detail from slipway.log where event = 'backup'`,
      );
      expect(audit).toEqual([
        {
          revision: 'r2',
          detail: expect.objectContaining({
            ...{ path, bytes: content.length, tables: ['public.users'], revisions: ['r2'] },
            sha256: finished?.['sha256'],
          }),
        },
      ]);
    });

    it('has what earlier revisions of the run wrote, and is made once', async () => {
      const place = await upgradedPlace(
        { id: 'x', up: `update users set phone = 'new ' || id;`, down: 'select 1;' },
        dropPhone,
        { id: 'r3', header: approve, up: 'truncate orders;' },
      );
      const outcome = await place.succeed(['upgrade', '--backup'], { env: place.env });
      const [file, ...others] = await place.dumps();
      expect(others).toEqual([]);
      expect(finishedIn(outcome)?.['tables']).toEqual(['public.orders', 'public.users']);
      const sql = await restored(join(place.folder, file ?? ''));
      expect(sql).toContain('new 3');
      expect(sql).toContain('first');
    });

    it('saves nothing where nothing is lost, and needs no pg_dump for that', async () => {
      const place = await upgradedPlace({ id: 'r2', up: 'alter table users add column age int;' });
      await place.succeed(['upgrade', '--backup', '--pg-dump', '/nonexistent'], { env: place.env });
      expect(await place.dumps()).toEqual([]);
    });

    it('is made by a downgrade that loses data', async () => {
      const place = await upgradedPlace();
      const outcome = await place.succeed(['downgrade', 'base', '--allow-data-loss', '--backup'], {
        env: place.env,
      });
      expect(finishedIn(outcome)?.['tables']).toEqual(['public.orders', 'public.users']);
      expect(await place.dumps()).toHaveLength(1);
      expect(await columns(place, 'users')).toEqual([]);
    });

    it('is made by a rollback, too', async () => {
      const place = await upgradedPlace();
      const args = ['rollback', '--to', 'base', '--allow-data-loss', '--backup'];
      await place.succeed(args, { env: place.env });
      expect(await place.dumps()).toHaveLength(1);
    });

    it('is of the whole database with "all", before any revision', async () => {
      const place = await upgradedPlace({ id: 'r2', up: 'alter table users add column age int;' });
      const outcome = await place.succeed(['upgrade'], {
        env: { ...place.env, SLIPWAY_BACKUP: 'all' },
      });
      expect(finishedIn(outcome)).not.toHaveProperty('tables');
      const [file = ''] = await place.dumps();
      const sql = await restored(join(place.folder, file));
      for (const part of ['tel 3', 'first', 'slipway.revision']) expect(sql).toContain(part);
      expect(sql).not.toContain('age integer');
    });

    it('still needs the approval of the loss', async () => {
      const place = await upgradedPlace({ ...dropPhone, header: [] });
      const outcome = await place.run(['upgrade', '--backup'], { env: place.env });
      failureOf(outcome, 16, 'SLIPWAY_NEEDS_APPROVAL');
      expect(await place.dumps()).toEqual([]);
    });

    it.each([
      ['a schema with all in it', 'drop schema app cascade;', ['app.child', 'app.old']],
      ['a type with its columns', 'drop type mood cascade;', ['public.moods']],
      ['tables that refer to it', 'truncate app.old cascade;', ['app.child', 'app.old']],
      ['partitions', 'drop table parts;', ['public.parts', 'public.parts_1', 'public.parts_2']],
      ['children', 'drop table parent cascade;', ['public.kid', 'public.parent']],
      ['the table behind a view', 'delete from shown;', ['public.orders']],
      ['odd names', 'drop table "Odd ""Na.me*";', ['public.Odd "Na.me*']],
    ])('saves %s', async (_, up, tables) => {
      const place = await upgradedPlace();
      await place.query('create schema app');
      await place.query('create table app.old (id int primary key)');
      await place.query('create table app.child (id int references app.old)');
      await place.query(`create type mood as enum ('good')`);
      await place.query('create table moods (feels mood[], n int)');
      await place.query('create table parts (n int) partition by list (n)');
      await place.query('create table parts_1 partition of parts for values in (1)');
      await place.query('create table parts_2 partition of parts default');
      await place.query('create table parent (n int)');
      await place.query('create table kid () inherits (parent)');
      await place.query('create view shown as select * from orders');
      await place.query('create table "Odd ""Na.me*" (n int)');
      await place.project.add({ id: 'r2', header: approve, up });
      const outcome = await place.succeed(['upgrade', '--backup'], { env: place.env });
      expect(finishedIn(outcome)?.['tables']).toEqual(tables);
    });

    it('is of the whole database where a name stands for nothing yet', async () => {
      const place = await upgradedPlace({
        id: 'r2',
        header: approve,
        up: 'alter table users rename to people; alter table people drop column phone;',
      });
      const outcome = await place.succeed(['upgrade', '--backup'], { env: place.env });
      expect(finishedIn(outcome)).toMatchObject({ why: expect.stringContaining('people') });
      const [file = ''] = await place.dumps();
      expect(await restored(join(place.folder, file))).toContain('tel 3');
    });
  });

  describe('a command', () => {
    it('gets the dump on its standard input, and what it is called', async () => {
      const place = await upgradedPlace(dropPhone);
      const outcome = await place.succeed(['upgrade', '--backup'], {
        env: {
          SLIPWAY_BACKUP_COMMAND: `cat > "${place.folder}/$SLIPWAY_BACKUP_NAME"; env > "${place.folder}/env"`,
          PGPASSWORD: 'not-for-you',
        },
      });
      const finished = finishedIn(outcome);
      const name = String(finished?.['name']);
      const content = await readFile(join(place.folder, name));
      expect(finished).toMatchObject({
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect(finished).not.toHaveProperty('path');
      expect(await restored(join(place.folder, name))).toContain('tel 3');
      const env = await readFile(join(place.folder, 'env'), 'utf8');
      expect(env).toContain('SLIPWAY_BACKUP_REVISIONS=r2');
      expect(env).toContain('SLIPWAY_BACKUP_DATABASE=shop ');
      expect(env).not.toMatch(/DATABASE_URL|not-for-you/);
    });

    it.each([
      ['that fails', 'cat > /dev/null; echo no such bucket >&2; exit 3', 'no such bucket'],
      ['that does not read it all', 'head -c 10 > /dev/null', 'did not read it all'],
    ])('%s fails the run, and nothing is lost', async (_, command, why) => {
      const place = await upgradedPlace(
        {
          id: 'x',
          up: `insert into users (phone) select repeat(md5(n::text), 20) from generate_series(1, 20000) n;`,
        },
        dropPhone,
      );
      const outcome = await place.run(['upgrade', '--backup'], {
        env: { SLIPWAY_BACKUP_COMMAND: command },
      });
      const failure = failureOf(outcome, 13, 'SLIPWAY_BACKUP_FAILED');
      expect(failure.msg).toContain(why);
      expect(await columns(place, 'users')).toEqual(['id', 'phone']);
      const [last] = await place.query(
        'select event, detail from slipway.log order by id desc limit 1',
      );
      expect(last).toMatchObject({ event: 'failure', detail: { code: 'SLIPWAY_BACKUP_FAILED' } });
    });
  });

  describe('what stands in the way', () => {
    it('is a pg_dump that is too old, before anything runs', async () => {
      const place = await upgradedPlace({ id: 'x', up: 'create table early ();' }, dropPhone);
      const old = await place.project.write(
        'pg_dump',
        '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n',
      );
      await chmod(old, 0o755);
      const outcome = await place.run(['upgrade', '--backup', '--pg-dump', old], {
        env: place.env,
      });
      const failure = failureOf(outcome, 10, 'SLIPWAY_PG_DUMP_MISSING');
      expect(failure.msg).toContain('pg_dump 9.6.24');
      expect(failure['next']).toContain(`postgresql-client-${server.version.split('.')[0]}`);
      expect(await columns(place, 'early')).toEqual([]);
      expect(await place.query(`select to_regclass('early') as it`)).toEqual([{ it: null }]);
    });

    it('is a folder that is not there, or nowhere to go', async () => {
      const place = await upgradedPlace(dropPhone);
      const missing = { SLIPWAY_BACKUP_DIR: place.project.path('nowhere') };
      const outcome = await place.run(['upgrade', '--backup'], { env: missing });
      failureOf(outcome, 10, 'SLIPWAY_CONFIG_INVALID');
      failureOf(await place.run(['upgrade', '--backup']), 10, 'SLIPWAY_CONFIG_INVALID');
      const mistyped = await place.run(['upgrade', '--backup', 'head'], { env: place.env });
      expect(failureOf(mistyped, 10, 'SLIPWAY_CONFIG_INVALID').msg).toContain('hazards, all, off');
      expect(await columns(place, 'users')).toEqual(['id', 'phone']);
    });

    it('is a failing pg_dump: nothing is left of the dump, nothing that loses data runs', async () => {
      const place = await upgradedPlace(dropPhone);
      const fake = await place.project.write(
        'pg_dump',
        `#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit; fi\necho PGDMP half; echo "pg_dump: error: the disk is on fire" >&2; exit 1\n`,
      );
      await writeFile(place.project.path('pg_restore'), '#!/bin/sh\nexit 1\n');
      for (const file of [fake, place.project.path('pg_restore')]) await chmod(file, 0o755);
      const outcome = await place.run(['upgrade', '--backup', '--pg-dump', fake], {
        env: place.env,
      });
      const failure = failureOf(outcome, 13, 'SLIPWAY_BACKUP_FAILED');
      expect(failure.msg).toContain('the disk is on fire');
      expect(await place.dumps()).toEqual([]);
      expect(await columns(place, 'users')).toEqual(['id', 'phone']);
    });

    it('is a dump that pg_restore cannot read', async () => {
      const place = await upgradedPlace(dropPhone);
      const { restore } = dumpPrograms();
      const fake = await place.project.write(
        'pg_dump',
        '#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit; fi\necho nonsense\n',
      );
      await writeFile(place.project.path('pg_restore'), `#!/bin/sh\nexec ${restore} "$@"\n`);
      for (const file of [fake, place.project.path('pg_restore')]) await chmod(file, 0o755);
      const outcome = await place.run(['upgrade', '--backup', '--pg-dump', fake], {
        env: place.env,
      });
      const failure = failureOf(outcome, 13, 'SLIPWAY_BACKUP_FAILED');
      expect(failure.msg).toContain('cannot be read');
      expect(await place.dumps()).toEqual([]);
      expect(await columns(place, 'users')).toEqual(['id', 'phone']);
    });

    it('is a table that somebody has locked: tried again, and a failure that may pass', async () => {
      const place = await upgradedPlace(dropPhone);
      const other = new Client({ connectionString: place.url });
      await other.connect();
      await other.query('begin; lock table users in access exclusive mode');
      const args = ['upgrade', '--backup', '--lock-timeout', '100ms', '--lock-retries', '1'];
      const outcome = await place.run(args, { env: place.env });
      failureOf(outcome, 23, 'SLIPWAY_OBJECT_LOCK_TIMEOUT');
      expect(outcome.log.filter(({ event }) => event === 'warning')).toHaveLength(1);
      const patient = place.start(
        ['upgrade', '--backup', '--lock-timeout', '200ms', '--lock-retries', '20'],
        { env: place.env },
      );
      await patient.logged('warning');
      await other.end();
      expect((await patient.ended).exitCode).toBe(0);
      expect(await place.dumps()).toHaveLength(1);
    });

    it('is SIGTERM: it ends the dump and the command, and nothing remains', async () => {
      const place = await upgradedPlace(dropPhone);
      const other = new Client({ connectionString: place.url });
      await other.connect();
      await other.query('begin; lock table users in access exclusive mode');
      for (const env of [
        place.env,
        { SLIPWAY_BACKUP_COMMAND: `cat > /dev/null; touch ${place.folder}/uploaded` },
      ]) {
        const run = place.start(['upgrade', '--backup', '--lock-timeout', '60s'], { env });
        await run.logged('backup.started');
        await until(async () => {
          const [row] = await query(
            server.url,
            `select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
            [place.database.replace('%20', ' ')],
          );
          if (row === undefined) throw new Error('pg_dump does not wait yet');
        });
        run.kill('SIGTERM');
        const outcome = await run.ended;
        failureOf(outcome, 24, 'SLIPWAY_INTERRUPTED');
        expect(outcome.stoppedInMs).toBeLessThan(15_000);
        expect(await place.dumps()).toEqual([]);
        await until(async () => {
          const rows = await query(
            server.url,
            `select application_name from pg_stat_activity where datname = $1 and pid <> $2`,
            [
              place.database.replace('%20', ' '),
              (other as unknown as { processID: number }).processID,
            ],
          );
          expect(rows).toEqual([]);
        });
      }
      await other.end();
      expect(await columns(place, 'users')).toEqual(['id', 'phone']);
    });
  });

  it('leaves no pg_dump behind when it is killed, and the next run makes a backup', async () => {
    const place = await upgradedPlace(dropPhone);
    await place.query(
      `insert into users (phone) select string_agg(md5(random()::text), '') from generate_series(1, 20000) n group by n / 4`,
    );
    const run = place.start(['upgrade', '--backup'], {
      env: { SLIPWAY_BACKUP_COMMAND: 'sleep 3' },
    });
    await run.logged('backup.started');
    const dumping = () =>
      query(
        server.url,
        `select pid from pg_stat_activity where datname = $1 and query like 'COPY public.users%'`,
        [place.database.replace('%20', ' ')],
      );
    await until(async () => expect(await dumping()).toHaveLength(1));
    run.kill('SIGKILL');
    await run.ended;
    await until(async () => expect(await dumping()).toEqual([]));
    expect(await columns(place, 'users')).toEqual(['id', 'phone']);
    await place.succeed(['upgrade', '--backup'], { env: place.env });
    expect(await place.dumps()).toHaveLength(1);
  });

  describe('slipway backup', () => {
    it('saves the whole database into a file, and lists it', async () => {
      const place = await upgradedPlace();
      const file = place.project.path('whole.dump');
      const { stdout } = await place.succeed(['backup', '-o', file, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ name: 'whole.dump', path: file });
      expect(await restored(file)).toContain('first');
      const list = await place.succeed(['backup', '--list']);
      expect(list.stdout).toContain(file);
      const { backups } = JSON.parse((await place.succeed(['backup', '--list', '--json'])).stdout);
      expect(backups).toMatchObject([{ path: file, role: 'postgres' }]);
      failureOf(await place.run(['backup', '-o', file]), 10, 'SLIPWAY_FILE_EXISTS');
    });

    it('saves tables, to standard output too', async () => {
      const place = await upgradedPlace();
      await place.query('create table "My ""T" (n int)');
      const args = ['backup', '--tables', 'public.ORDERS, "My ""T"'];
      const { stdout } = await place.succeed([...args, '--backup-dir', place.folder]);
      expect(stdout).toContain('backup of 2 tables in ');
      const [file = ''] = await place.dumps();
      const sql = await restored(join(place.folder, file));
      expect(sql).toContain('first');
      expect(sql).not.toContain('tel 3');
      const piped = await place.succeed([...args, '-o', '-']);
      expect(piped.stdout.slice(0, 5)).toBe('PGDMP');
      failureOf(await place.run(['backup', '--tables', 'nope', '-o', 'x']), 10, 'SLIPWAY_USAGE');
      failureOf(await place.run(['backup', '--tables', 'users', '--all']), 10, 'SLIPWAY_USAGE');
    });

    it('works where slipway has no history, and says that it is not in the audit log', async () => {
      const place = await placeOf();
      await place.query('create table t (n int)');
      const outcome = await place.succeed(['backup', '-o', place.project.path('x.dump')]);
      expect(outcome.log.some(({ msg }) => msg.includes('audit log'))).toBe(true);
      expect(await place.query(`select to_regnamespace('slipway') as it`)).toEqual([{ it: null }]);
      expect((await place.succeed(['backup', '--list'])).stdout).toContain('no backup');
    });

    it('never shows the password: not in arguments, not in the log, not in the file names', async () => {
      const place = await upgradedPlace();
      const secret = `p@ss w"ord'#`;
      const url = new URL(place.url);
      url.username = 'app';
      url.password = encodeURIComponent(secret);
      const seen = place.project.path('seen');
      const { dump, restore } = dumpPrograms();
      const spy = await place.project.write(
        'pg_dump',
        `#!/bin/sh\ncase "$1" in --version) exec ${dump} "$1";; esac\ntr '\\0' '\\n' < /proc/$$/cmdline > ${seen}\nexec ${dump} "$@"\n`,
      );
      await writeFile(place.project.path('pg_restore'), `#!/bin/sh\nexec ${restore} "$@"\n`);
      for (const file of [spy, place.project.path('pg_restore')]) await chmod(file, 0o755);
      const outcome = await place.succeed(
        ['backup', '--pg-dump', spy, '-o', place.project.path('s.dump'), '--log-level', 'debug'],
        { url: url.href },
      );
      const all = outcome.stdout + outcome.stderr + (await readFile(seen, 'utf8'));
      const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
      for (const spelling of spellings) expect(all).not.toContain(spelling);
      expect(all).toContain('--format=custom');
    });
  });
});

/** The commands of docs/guides/backup.md under "Restore": each section brings lost data back. */

import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { program } from '../../support/cli.ts';
import { canDump, dumpPrograms, startDumpable, withoutDump } from '../../support/pg-dump.ts';
import { query, type Row } from '../../support/postgres.ts';
import { createProject, type Project, type RevisionSpec } from '../../support/projects.ts';

const approve = ['approve data-loss the guide brings it back'];

const base: RevisionSpec = {
  id: 'r1',
  up: `create type mood as enum ('good', 'bad');
create table users (id serial primary key, email text not null, phone text);
create table orders (id serial primary key, note text not null, feels mood);
create index orders_note on orders (note);
insert into users (email, phone) select 'u' || n, E'tel\\t' || n from generate_series(1, 5) n;
insert into orders (note, feels) select 'note ' || n, 'good' from generate_series(1, 3) n;`,
};
const dropPhone: RevisionSpec = {
  id: 'r2',
  header: approve,
  up: 'alter table users drop column phone;',
  down: 'alter table users add column phone text;',
};
const dropOrders: RevisionSpec = {
  id: 'r2',
  header: approve,
  up: 'drop table orders;',
  down: `create table orders (id serial primary key, note text not null, feels mood);
create index orders_note on orders (note);`,
};

describe.skipIf(!canDump)(`the guide to backups${withoutDump}`, { timeout: 120_000 }, () => {
  let server: EmbeddedPostgres;
  let guide: string;
  const projects: Project[] = [];

  beforeAll(async () => {
    server = await startDumpable();
    guide = await readFile('docs/guides/backup.md', 'utf8');
  });
  afterAll(async () => {
    await Promise.all(projects.map((project) => project[Symbol.asyncDispose]()));
    await server[Symbol.asyncDispose]();
  });

  /** What stands in the blocks of a section, without those of the sections below it. */
  function commandsOf(title: string): readonly string[] {
    const lines = guide.split('\n');
    const start = lines.findIndex((line) => line.replace(/^#+ /, '') === title);
    expect(start, `no section "${title}"`).toBeGreaterThan(0);
    const end = lines.findIndex((line, index) => index > start && line.startsWith('#'));
    const text = lines.slice(start, end < 0 ? undefined : end).join('\n');
    return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  }

  async function shop(...revisions: readonly RevisionSpec[]) {
    await query(server.url, 'drop database if exists shop');
    await query(server.url, 'drop database if exists shop_before');
    await query(server.url, 'create database shop');
    const project = await createProject(revisions);
    projects.push(project);
    await mkdir(project.path('backups'));
    const shim = await project.write(
      'bin/slipway',
      `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
    );
    await chmod(shim, 0o755);
    const url = new URL(server.url);
    url.pathname = '/shop';
    const env = {
      PATH: `${project.path('bin')}:${dirname(dumpPrograms().dump)}:${process.env['PATH']}`,
      HOME: '/nonexistent',
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGUSER: 'postgres',
      PGDATABASE: 'shop',
      SLIPWAY_BACKUP_DIR: project.path('backups'),
    };
    const run = (script: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: project.root, env });
        let said = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (chunk: Buffer) => {
            said += chunk.toString('utf8');
          });
        }
        child.once('close', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`exit ${code} of:\n${script}\n${said}`));
        });
      });
    return { run, rows: (sql: string): Promise<Row[]> => query(url.href, sql) };
  }

  const newest = () => commandsOf('Restore').join('\n');

  it('brings back the values of a column', async () => {
    const { run, rows } = await shop(base, dropPhone);
    const sql = 'select id, phone from users order by id';
    await run('slipway upgrade +1');
    const before = await rows(sql);
    await run('slipway upgrade --backup');
    await run(`psql -qc "insert into users (email) values ('later')"`);
    await run([newest(), ...commandsOf('A column')].join('\n'));
    expect(await rows(sql)).toEqual([...before, { id: 6, phone: null }]);
    expect(await rows(`select to_regnamespace('rescue') as it`)).toEqual([{ it: null }]);
  });

  it('brings back a table with its rows and its sequence', async () => {
    const { run, rows } = await shop(base, dropOrders);
    const sql = 'select id, note, feels::text from orders order by id';
    await run('slipway upgrade +1');
    const before = await rows(sql);
    await run('slipway upgrade --backup');
    const [direct = '', ...scratch] = commandsOf('A table');
    await run([newest(), direct].join('\n'));
    expect(await rows(sql)).toEqual(before);
    expect(await rows(`insert into orders (note) values ('new') returning id`)).toEqual([
      { id: 4 },
    ]);
    expect(scratch).toHaveLength(1);
    // The type must be there before, as the guide says.
    const [create = '', ...rest] = (scratch[0] ?? '').split('\n');
    const type = `psql rescue -qc "create type mood as enum ('good', 'bad')"`;
    await run([newest(), create, type, ...rest].join('\n'));
  });

  it('brings back everything, with the history', async () => {
    const { run, rows } = await shop(base, dropOrders);
    await run('slipway upgrade +1');
    await run('slipway upgrade --backup=all');
    await run([newest(), ...commandsOf('Everything')].join('\n'));
    expect(await rows('select count(*)::int as n from orders')).toEqual([{ n: 3 }]);
    expect(await rows('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
  });
});

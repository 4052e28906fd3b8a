/** TypeScript revisions with the built program: from the folder, and compiled into a bundle. */

import { cp } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf, serverRuns } from '../../support/cli.ts';
import { createPlace, createUpgraded, type Place } from '../../support/projects.ts';

/** A revision file with these functions, behind r1. */
function file(up: string, rest = 'async down() {},'): string {
  return `import { defineRevision } from 'slipway';

export default defineRevision({
  revision: 'r2',
  revises: 'r1',
  description: 'Second',
  async up(db) {
    ${up}
  },
  ${rest}
});
`;
}

const FIRST = { id: 'r1', up: 'create table person (id int, name text);' };
const SECOND = 'migrations/20260102000000_second.ts';

/** Where the program finds the revisions: in the folder, or in a bundle built from it. */
const SOURCES = ['folder', 'bundle'] as const;

async function placeWith(
  source: (typeof SOURCES)[number],
  text: string,
): Promise<{
  readonly place: Place;
  readonly args: readonly string[];
}> {
  const place = await createPlace(FIRST);
  await place.project.write(SECOND, text);
  if (source === 'folder') return { place, args: [] };
  await place.succeed(['build', '--out', 'release.bundle']);
  await place.project.remove('r1');
  await cp(place.project.path(SECOND), place.project.path('kept.ts'));
  return { place, args: ['--bundle', 'release.bundle'] };
}

describe.each(SOURCES)('a TypeScript revision from the %s', { concurrent: true }, (source) => {
  it('is applied, verified, found applied, and taken back', async () => {
    const { place, args } = await placeWith(
      source,
      file(
        `const names: string[] = ["O'Reilly", '한글 🎉'];
    for (const [id, name] of names.entries()) {
      await db.query('insert into person values ($1, $2)', [id, name]);
    }`,
        `async verify(db) {
    const { rows } = await db.query<{ count: number }>('select count(*)::int from person');
    return rows[0]?.count === 2;
  },
  async down(db) { await db.query('delete from person'); },`,
      ),
    );
    const outcome = await place.succeed(['upgrade', ...args]);
    expect(outcome.log.at(-1)).toMatchObject({ outcome: 'done', heads: ['r2'] });
    expect(await place.query('select name from person order by id')).toEqual([
      { name: "O'Reilly" },
      { name: '한글 🎉' },
    ]);
    expect(
      await place.query("select compatible, up, down, file from slipway.revision where id = 'r2'"),
    ).toEqual([{ compatible: 'unknown', up: '', down: null, file: SECOND }]);
    const again = await place.succeed(['upgrade', ...args]);
    expect(again.log.at(-1)).toMatchObject({ outcome: 'nothing-to-do' });
    await place.succeed(['downgrade', '-1', ...args]);
    expect(await place.query('select from person')).toEqual([]);
  });

  it('is rolled back when a query fails, and the log says where', async () => {
    const { place, args } = await placeWith(
      source,
      file(`interface Row { readonly id: number }
    await db.query('create table half_done ()');
    await db.query<Row>('select id from persons');`),
    );
    const failure = failureOf(await place.run(['upgrade', ...args]), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ file: SECOND, line: 10, sqlState: '42P01', rolledBack: true });
    expect(failure['excerpt']).toContain("select id from persons');");
    expect(await place.query("select to_regclass('half_done') as it")).toEqual([{ it: null }]);
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
  });

  it('names the line of an error of its own', async () => {
    const { place, args } = await placeWith(
      source,
      file(`const { rows } = await db.query<{ name: string }>('select name from person');
    const first = rows[0] as { name: string };
    await db.query('select $1', [first.name.trim()]);`),
    );
    const failure = failureOf(await place.run(['upgrade', ...args]), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ file: SECOND, line: 10 });
    expect(String(failure['msg'])).toContain('undefined');
  });

  it('is cancelled on the server when it is told to stop', async () => {
    const { place, args } = await placeWith(source, file(`await db.query('select pg_sleep(60)');`));
    const run = place.start(['upgrade', ...args]);
    await serverRuns(place.url, '%pg_sleep%');
    run.kill('SIGTERM');
    failureOf(await run.ended, 24, 'SLIPWAY_INTERRUPTED');
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
  });

  it('is tried again from its beginning when a lock was not obtained', async () => {
    const { place, args } = await placeWith(
      source,
      file(`await db.query("insert into person values (1, 'once')");
    await db.query('lock table gate');`),
    );
    await place.query('create table gate ()');
    const holder = new Client({ connectionString: place.url });
    await holder.connect();
    await holder.query('begin; lock table gate');
    const run = place.start(['upgrade', '--lock-timeout', '200ms', ...args]);
    await run.logged('revision.retrying');
    await holder.end();
    expect((await run.ended).exitCode).toBe(0);
    expect(await place.query('select name from person')).toEqual([{ name: 'once' }]);
  });

  it('may not end its transaction', async () => {
    const { place, args } = await placeWith(
      source,
      file(`await db.query("insert into person values (1, 'kept')"); await db.query('commit');`),
    );
    const failure = failureOf(await place.run(['upgrade', ...args]), 12, 'SLIPWAY_REVISION_FAILED');
    expect(String(failure['msg'])).toContain('transaction control');
    expect(await place.query('select from person')).toEqual([]);
  });

  it('cannot copy rows, and says so instead of waiting for them', async () => {
    const { place, args } = await placeWith(
      source,
      file(`await db.query('copy person from stdin');`),
    );
    const failure = failureOf(await place.run(['upgrade', ...args]), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ file: SECOND, line: 8 });
  });

  it('sends one statement at a time', async () => {
    const { place, args } = await placeWith(source, file(`await db.query('select 1; select 2');`));
    const failure = failureOf(await place.run(['upgrade', ...args]), 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ sqlState: '42601', line: 8 });
  });
});

describe('the sample revision in TypeScript', () => {
  it('tidies the phone numbers of more rows than it takes at once', async () => {
    const place = await createPlace();
    await cp('migrations', place.project.migrations, { recursive: true });
    await place.succeed(['upgrade', 'c71be58f04d6']);
    await place.query(`
      insert into customers (email, name, phone)
      select n || '@example.org', n, case n % 3 when 0 then null when 1 then '+49 (30) 12-' || n else '030/' || n end
      from generate_series(1, 2500) as n`);
    await place.succeed(['upgrade']);
    expect(
      await place.query(
        "select phone from customers where name in ('3', '2500', '2498') order by id",
      ),
    ).toEqual([{ phone: null }, { phone: '0302498' }, { phone: '+4930122500' }]);
    expect(
      await place.query("select count(*)::int as untidy from customers where phone ~ '[^0-9+]'"),
    ).toEqual([{ untidy: 0 }]);
  });
});

describe('a dry run', () => {
  it('shows that a TypeScript revision would run, and not what', async () => {
    const place = await createUpgraded(FIRST);
    await place.project.write(SECOND, file(`await db.query('select 1');`));
    const { stdout } = await place.succeed(['upgrade', '--dry-run', '--json']);
    expect(JSON.parse(stdout).statements).toMatchObject([
      { revision: 'r2', command: 'typescript', location: SECOND, compatible: 'unknown' },
    ]);
  });
});

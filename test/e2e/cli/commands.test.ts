/** The commands that change the history, from the first revision to the way back. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  type RevisionSpec,
} from '../../support/projects.ts';

const chain: readonly RevisionSpec[] = [
  { id: 'aaa1', up: 'create table a ();', down: 'drop table a;' },
  { id: 'bbb2', up: 'create table b ();', down: 'drop table b;' },
  { id: 'ccc3', up: 'create table c ();', down: 'drop table c;' },
];

async function tables(place: Place): Promise<string> {
  const rows = await place.query(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  return rows.map((row) => row['relname']).join(' ');
}

async function current(place: Place): Promise<string> {
  const [row] = await place.query(
    "select array_to_string(heads, ' ') as heads from slipway.summary",
  );
  return String(row?.['heads']);
}

describe('init', { concurrent: true }, () => {
  it('scaffolds a project that can be upgraded at once, and never overwrites', async () => {
    const place = await createPlace();
    const first = await place.succeed(['init', '--json']);
    const { written, kept } = JSON.parse(first.stdout);
    expect(written).toContain('slipway.config.json');
    expect(kept).toEqual([]);
    await writeFile(place.project.path('slipway.config.json'), '{ "lockWait": "7m" }');
    const second = await place.succeed(['init', '--json']);
    expect(JSON.parse(second.stdout)).toEqual({ written: [], kept: written });
    expect(await readFile(place.project.path('slipway.config.json'), 'utf8')).toBe(
      '{ "lockWait": "7m" }',
    );
    await place.succeed(['upgrade']);
  });
});

describe('revision', { concurrent: true }, () => {
  it('writes a file at the head, which the next one revises', async () => {
    const place = await createPlace();
    const first = await place.succeed(['revision', '-m', '고객에 전화번호 추가 📞', '--json']);
    const { id, revises, file } = JSON.parse(first.stdout);
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(revises).toEqual([]);
    expect(file).toMatch(/^migrations\/\d{14}_.*고객에.*\.sql$/u);
    expect(await readFile(place.project.path(file), 'utf8')).toMatch('-- 고객에 전화번호 추가 📞');
    const second = await place.succeed(['revision', '-m', 'Add email', '--json']);
    expect(JSON.parse(second.stdout).revises).toEqual([id]);
    await place.succeed(['upgrade']);
    expect(await current(place)).toBe(JSON.parse(second.stdout).id);
  });

  it('refuses to choose between two heads, and joins them when they are named', async () => {
    const place = await createPlace(...chain.slice(0, 2));
    await place.project.add({ id: 'fork', revises: ['aaa1'], up: 'create table f ();' });
    const refused = await place.run(['revision', '-m', 'one more']);
    const failure = failureOf(refused, 11, 'SLIPWAY_MULTIPLE_HEADS');
    expect(`${failure.msg} ${failure['next']}`).toMatch(/bbb2.*fork/s);
    failureOf(await place.run(['upgrade']), 11, 'SLIPWAY_MULTIPLE_HEADS');
    const merged = await place.succeed([
      'revision',
      '-m',
      'merge',
      '--head',
      'bbb2',
      '--head',
      'fork',
      '--json',
    ]);
    expect(JSON.parse(merged.stdout).revises.sort()).toEqual(['bbb2', 'fork']);
    await place.succeed(['upgrade']);
    expect(await tables(place)).toBe('a b f');
  });

  it('refuses an id that exists, and a message that is missing', async () => {
    const place = await createPlace(...chain);
    const taken = await place.run(['revision', '-m', 'x', '--rev-id', 'aaa1']);
    expect([10, 11]).toContain(taken.exitCode);
    failureOf(await place.run(['revision']), 10, 'SLIPWAY_USAGE');
    expect(await readdir(place.project.migrations)).toHaveLength(3);
  });
});

describe('upgrade', { concurrent: true }, () => {
  it.each([
    { target: ['+1'], at: 'aaa1' },
    { target: ['+2'], at: 'bbb2' },
    { target: ['bbb2'], at: 'bbb2' },
    { target: ['cc'], at: 'ccc3' },
    { target: ['heads'], at: 'ccc3' },
    { target: [], at: 'ccc3' },
  ])('to $target stops at $at', async ({ target, at }) => {
    const place = await createPlace(...chain);
    const outcome = await place.succeed(['upgrade', ...target, '--json']);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ outcome: 'done', heads: [at] });
    expect(await current(place)).toBe(at);
  });

  it('refuses targets that do not exist, are ambiguous or too far', async () => {
    const place = await createPlace(...chain, { id: 'ccc4', up: 'create table d ();' });
    failureOf(await place.run(['upgrade', 'zzz']), 11, 'SLIPWAY_TARGET_UNKNOWN');
    failureOf(await place.run(['upgrade', 'ccc']), 11, 'SLIPWAY_TARGET_AMBIGUOUS');
    failureOf(await place.run(['upgrade', '+9']), 11, 'SLIPWAY_TARGET_OUT_OF_RANGE');
    expect(await tables(place)).toBe('');
  });

  it('--dry-run shows what would run and writes nothing, not even the history schema', async () => {
    const place = await createPlace(...chain);
    const shown = await place.succeed(['upgrade', '--dry-run']);
    for (const { id } of chain) {
      expect(shown.stdout).toMatch(new RegExp(`^${id} +create table +.*_${id}\\.sql:\\d`, 'm'));
    }
    expect(JSON.parse((await place.succeed(['upgrade', '--dry-run', '--json'])).stdout)).toBeTypeOf(
      'object',
    );
    expect(await tables(place)).toBe('');
    expect(await place.query("select 1 from pg_namespace where nspname = 'slipway'")).toEqual([]);
  });

  it('--single-transaction applies all or nothing', async () => {
    const place = await createPlace(...chain.slice(0, 2), { id: 'ccc3', up: 'select 1 / 0;' });
    const failed = await place.run(['upgrade', '--single-transaction']);
    const failure = failureOf(failed, 12, 'SLIPWAY_REVISION_FAILED');
    expect(failure).toMatchObject({ revision: 'ccc3', finished: [], heads: [] });
    expect(failed.log.filter(({ event }) => event === 'revision.applied')).toEqual([]);
    expect(await tables(place)).toBe('');
    await place.succeed(['upgrade', 'bbb2', '--single-transaction']);
    const ages = await place.query(
      'select count(distinct xmin::text)::int as n from slipway.revision',
    );
    expect(ages).toEqual([{ n: 1 }]);
  });

  it('--phase expand leaves trailing contract revisions, and contract runs with --now', async () => {
    const place = await createPlace(...chain.slice(0, 2), {
      id: 'ccc3',
      header: ['phase contract'],
      up: 'create table c ();',
    });
    await place.succeed(['upgrade', '--phase', 'expand']);
    expect(await current(place)).toBe('bbb2');
    const again = await place.succeed(['upgrade', '--phase', 'expand']);
    expect(again.log.at(-1)).toMatchObject({ outcome: 'nothing-to-do' });
    failureOf(await place.run(['upgrade', '--phase', 'contract']), 10, 'SLIPWAY_USAGE');
    await place.succeed(['upgrade', '--phase', 'contract', '--now']);
    expect(await current(place)).toBe('ccc3');
  });
});

describe('downgrade', { concurrent: true }, () => {
  it('uses the SQL that the database keeps when the files are gone', async () => {
    const place = await createUpgraded(...chain);
    for (const { id } of chain) await place.project.remove(id);
    failureOf(await place.run(['downgrade', '-1']), 16, 'SLIPWAY_NEEDS_APPROVAL');
    const down = (...args: readonly string[]) =>
      place.succeed(['downgrade', ...args, '--allow-data-loss']);
    await down('-1');
    expect(await tables(place)).toBe('a b');
    await down('aaa1');
    expect(await tables(place)).toBe('a');
    await down('base');
    expect(await tables(place)).toBe('');
    expect(await current(place)).toBe('');
  });

  it('--dry-run shows the SQL and writes nothing', async () => {
    const place = await createUpgraded(...chain);
    const shown = await place.succeed(['downgrade', 'base', '--dry-run']);
    expect(shown.stdout.match(/^\w{3}\d(?= +drop table)/gm)).toEqual(['ccc3', 'bbb2', 'aaa1']);
    expect(shown.stdout).toMatch(/table a/);
    expect(await tables(place)).toBe('a b c');
  });

  it('refuses what is irreversible and what does not exist, and changes nothing', async () => {
    const place = await createUpgraded(...chain);
    await place.project.write(
      'migrations/20260202000000_final.sql',
      '-- slipway:revision ddd4\n-- slipway:revises ccc3\n-- slipway:irreversible sent to the bank\n-- Final\n\n-- slipway:up\ncreate table d ();\n',
    );
    await place.succeed(['upgrade']);
    const failure = failureOf(
      await place.run(['downgrade', 'base', '--allow-data-loss']),
      11,
      'SLIPWAY_NO_WAY_BACK',
    );
    expect(failure.msg).toMatch(/ddd4/);
    failureOf(await place.run(['downgrade', '-9']), 11, 'SLIPWAY_TARGET_OUT_OF_RANGE');
    failureOf(await place.run(['downgrade', 'nope']), 11, 'SLIPWAY_TARGET_UNKNOWN');
    expect(await tables(place)).toBe('a b c d');
  });

  it('up again after down leaves the same history', async () => {
    const place = await createUpgraded(...chain);
    const digest = () => place.query('select digest, heads, applied from slipway.summary');
    const before = await digest();
    await place.succeed(['downgrade', 'base', '--allow-data-loss']);
    await place.succeed(['upgrade']);
    expect(await digest()).toEqual(before);
  });
});

describe('stamp', { concurrent: true }, () => {
  it('records without running, and forgets without undoing', async () => {
    const place = await createPlace(...chain);
    await place.succeed(['stamp', 'bbb2']);
    expect(await current(place)).toBe('bbb2');
    expect(await tables(place)).toBe('');
    await place.succeed(['upgrade']);
    expect(await tables(place)).toBe('c');
    await place.succeed(['stamp', 'base', '--purge']);
    expect(await current(place)).toBe('');
    expect(await tables(place)).toBe('c');
    await place.succeed(['stamp', 'head']);
    const rows = await place.query('select id, stamped from slipway.revision order by sequence');
    expect(rows).toEqual(chain.map(({ id }) => ({ id, stamped: true })));
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({
      outcome: 'nothing-to-do',
    });
  });
});

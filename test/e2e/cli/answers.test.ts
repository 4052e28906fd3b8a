/** The commands that answer questions: what they print, and that they write nothing. */

import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/core/errors.ts';
import { lockKey } from '../../../src/postgres/lock.ts';
import { failureOf, slipway, succeed } from '../../support/cli.ts';
import {
  createPlace,
  createUpgraded,
  type Place,
  type RevisionSpec,
} from '../../support/projects.ts';

const chain: readonly RevisionSpec[] = [
  { id: 'aaa1', message: 'Add a', up: 'create table a (x int);' },
  { id: 'bbb2', message: 'B 추가', up: 'create table b ();' },
];
const breaking: RevisionSpec = {
  id: 'ccc3',
  message: 'Rename',
  up: 'alter table a rename x to y;',
};

async function json(place: Place, ...args: readonly string[]) {
  return JSON.parse((await place.succeed([...args, '--json'])).stdout);
}

describe('current', { concurrent: true }, () => {
  it('prints nothing for a fresh database and writes nothing to it', async () => {
    const place = await createPlace(...chain);
    expect((await place.succeed(['current'])).stdout).toBe('');
    expect(await json(place, 'current')).toMatchObject({ heads: [], managed: false, applied: 0 });
    expect(await place.query("select 1 from pg_namespace where nspname = 'slipway'")).toEqual([]);
  });

  it('prints heads alone, with their origin, or as JSON', async () => {
    const place = await createPlace(...chain);
    await place.succeed(['upgrade'], { env: { POD_NAME: 'shop-1', SLIPWAY_RELEASE: 'v42' } });
    expect((await place.succeed(['current'])).stdout).toBe('bbb2 (head), B 추가\n');
    expect((await place.succeed(['current', '-v'])).stdout).toMatch(
      /^Rev: bbb2 \(head\)\n[\s\S]*shop-1 of v42\n[\s\S]*\n {4}B 추가\n\n$/,
    );
    expect(await json(place, 'current')).toMatchObject({
      heads: ['bbb2'],
      managed: true,
      applied: 2,
      revisions: [{ id: 'bbb2', provenance: { pod: 'shop-1', release: 'v42' } }],
    });
    await place.succeed(['current', '--check-heads']);
    await place.project.add(breaking);
    const pending = await place.run(['current', '--check-heads']);
    expect(failureOf(pending, 15, 'SLIPWAY_CHECK_PENDING')).toMatchObject({
      heads: ['bbb2'],
      wanted: ['ccc3'],
    });
    expect(pending.stdout).toBe('bbb2, B 추가\n');
  });
});

describe('history', { concurrent: true }, () => {
  it('marks what the database has, newest first', async () => {
    const place = await createUpgraded(...chain);
    await place.project.add(breaking);
    expect(await json(place, 'history')).toMatchObject([
      { id: 'ccc3', state: 'pending' },
      { id: 'bbb2', state: 'current', revises: ['aaa1'] },
      { id: 'aaa1', state: 'applied' },
    ]);
    const { stdout } = await place.succeed(['history', '-v']);
    expect(stdout.match(/^Rev: \w+/gm)).toEqual(['Rev: ccc3', 'Rev: bbb2', 'Rev: aaa1']);
  });

  it('lists revisions that only the database knows', async () => {
    const place = await createUpgraded(...chain);
    await place.project.remove('bbb2');
    expect(await json(place, 'history')).toMatchObject([
      { id: 'bbb2', state: 'unknown' },
      { id: 'aaa1', state: 'applied' },
    ]);
  });

  it('needs no database with --offline or where none is given', async () => {
    const place = await createPlace(...chain);
    const listed = [
      { id: 'bbb2', state: 'listed' },
      { id: 'aaa1', state: 'listed' },
    ];
    expect(await json(place, 'history', '--offline')).toMatchObject(listed);
    const none = await succeed(['history', '--json'], { cwd: place.project.root });
    expect(JSON.parse(none.stdout)).toMatchObject(listed);
  });
});

describe('show', { concurrent: true }, () => {
  it('prints the file byte for byte, and as it was applied', async () => {
    const place = await createPlace(...chain, {
      id: 'ccc3',
      message: '이름 🎉',
      up: "comment on table a is 'tab\t, 한글';  \n\n\n-- the end",
    });
    await place.succeed(['upgrade']);
    const file = await readFile(place.project.file('ccc3'), 'utf8');
    expect((await place.succeed(['show', 'ccc3'])).stdout).toBe(file);
    await place.project.write('migrations/20260101000003_ccc3.sql', file.replace('한글', 'x'));
    expect((await place.succeed(['show', 'ccc3', '--applied'])).stdout).toBe(file);
    expect((await place.succeed(['show', 'head', '--applied'])).stdout).toBe(file);
    await place.project.remove('ccc3');
    expect((await place.succeed(['show', 'cc', '--applied'])).stdout).toBe(file);
    failureOf(await place.run(['show', 'ccc3']), 11, 'SLIPWAY_TARGET_UNKNOWN');
    expect(await json(place, 'show', 'ccc3', '--applied')).toMatchObject({
      id: 'ccc3',
      source: file,
    });
  });

  it('keeps a file with CRLF line ends and a byte order mark as it is', async () => {
    const place = await createPlace();
    const text =
      '\ufeff-- slipway:revision aaa1\r\n-- Add a\r\n\r\n-- slipway:up\r\ncreate table a ();\r\n\r\n-- slipway:down\r\ndrop table a;\r\n';
    await place.project.write('migrations/1_a.sql', text);
    await place.succeed(['upgrade']);
    expect((await place.succeed(['show', 'aaa1', '--applied'])).stdout).toBe(text);
    expect((await place.succeed(['upgrade'])).log.at(-1)).toMatchObject({
      outcome: 'nothing-to-do',
    });
  });
});

describe('status', { concurrent: true }, () => {
  const state = async (place: Place) => (await place.succeed(['status'])).stdout;

  it('says never migrated, behind, up to date and ahead', async () => {
    const place = await createPlace(...chain);
    expect(await state(place)).toMatch(/never migrated[\s\S]*pending +aaa1 Add a\n +bbb2 B 추가\n/);
    expect(await place.query("select 1 from pg_namespace where nspname = 'slipway'")).toEqual([]);
    await place.succeed(['upgrade', '+1']);
    expect(await state(place)).toMatch(/at +aaa1 \(1 applied\)\nstate +behind/);
    await place.succeed(['upgrade']);
    expect(await state(place)).toMatch(/at +bbb2 \(2 applied\)\nstate +up to date/);
    await place.project.add(breaking);
    await place.succeed(['upgrade']);
    await place.project.remove('ccc3');
    const ahead = await state(place);
    expect(ahead).toMatch(/state +ahead/);
    expect(ahead).toMatch(/ahead +ccc3 Rename \(not compatible: /);
    expect(ahead).toMatch(/floor +ccc3/);
    expect(await json(place, 'status')).toMatchObject({
      relation: 'ahead',
      unknown: [{ id: 'ccc3' }],
    });
  });

  it('names who holds the lock', async () => {
    const place = await createUpgraded(...chain);
    expect(await state(place)).toMatch(/lock +free/);
    const holder = new Client({
      connectionString: place.url,
      application_name: 'slipway/prod/shop-7d9c',
    });
    await holder.connect();
    await holder.query('select pg_advisory_lock($1::bigint)', [lockKey('slipway')]);
    expect(await state(place)).toMatch(/lock +held by pod prod\/shop-7d9c \(pid \d+/);
    await holder.end();
  });
});

describe('explain', { concurrent: true }, () => {
  it('has a page for every code, and lists them by exit code', async () => {
    const { stdout } = await slipway(['explain', '--json']);
    const pages: { code: string; exit: number; meaning: string; steps: string[] }[] =
      JSON.parse(stdout);
    expect(pages.map(({ code }) => code).sort()).toEqual(Object.keys(ERROR_CODES).sort());
    for (const { meaning, steps } of pages) {
      expect(meaning).toMatch(/^\S.*\.$/s);
      expect(steps.length).toBeGreaterThan(0);
    }
    const page = (await succeed(['explain', 'lock_timeout'])).stdout;
    expect(page).toMatch(/^SLIPWAY_LOCK_TIMEOUT {2}exit 22/);
    const locks = JSON.parse((await succeed(['explain', '22', '--json'])).stdout);
    expect(locks.map((entry: { code: string }) => entry.code).sort()).toEqual([
      'SLIPWAY_LOCK_TIMEOUT',
      'SLIPWAY_ROLLOUT_TIMEOUT',
      'SLIPWAY_WAIT_TIMEOUT',
    ]);
    failureOf(await slipway(['explain', '99']), 10, 'SLIPWAY_USAGE');
  });
});

describe('completion', { concurrent: true }, () => {
  it.each([
    { shell: 'bash', check: ['bash', '-n'] },
    { shell: 'zsh', check: ['zsh', '-n'] },
    { shell: 'fish', check: ['fish', '--no-execute'] },
  ])('for $shell is a script that the shell can parse', async ({ shell, check }) => {
    const { stdout } = await succeed(['completion', shell]);
    expect(stdout).toMatch('upgrade');
    expect(stdout).toMatch(shell === 'fish' ? '-l dry-run' : '--dry-run');
    const [command = '', ...args] = check;
    const parsed = spawnSync(command, args, { input: stdout, encoding: 'utf8' });
    // Not every machine has every shell.
    if (parsed.error === undefined)
      expect({ status: parsed.status, stderr: parsed.stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('for bash completes commands and flags', async () => {
    const { stdout } = await succeed(['completion', 'bash']);
    const complete = (...words: readonly string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          `${stdout}\nCOMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _slipway; echo "\${COMPREPLY[*]}"`,
        ],
        { encoding: 'utf8' },
      ).stdout.trim();
    expect(complete('slipway', 'upg')).toBe('upgrade');
    expect(complete('slipway', 'upgrade', '--dry')).toBe('--dry-run');
  });

  it('refuses a shell it does not know', async () => {
    failureOf(await slipway(['completion', 'tcsh']), 10, 'SLIPWAY_USAGE');
  });
});

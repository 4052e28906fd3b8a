/** An old release meets a newer database: it starts, refuses with what to do, or is brought back. */

import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf } from '../../support/cli.ts';
import { startPostgres } from '../../support/postgres.ts';
import { createPlace, createProject, type Place, placeAt } from '../../support/projects.ts';
import { type BuiltRelease, buildRelease } from '../../support/releases.ts';

const users = {
  id: 'aaa1',
  message: 'Users',
  up: 'create table users (id int primary key, phone text);',
  down: 'drop table users;',
};
const email = {
  id: 'bbb2',
  message: 'Email',
  up: 'alter table users add column email text;',
  down: 'alter table users drop column email;',
};
const rename = {
  id: 'ccc3',
  message: 'Rename the phone',
  up: 'create table audit (id int);\nalter table users rename column phone to phone_number;',
  down: 'alter table users rename column phone_number to phone;\ndrop table audit;',
};

interface Story {
  readonly place: Place;
  readonly v1: BuiltRelease;
  readonly v2: BuiltRelease;
  readonly v3: BuiltRelease;
}

/** Three releases; v2 is compatible with v1, and v3 is with none. The database is at v1. */
async function story(url?: string): Promise<Story> {
  const first = url === undefined ? await createPlace() : placeAt(await createProject(), url);
  const v1 = await buildRelease(first, 'v1', [users]);
  const v2 = await buildRelease(first, 'v2', [email]);
  const v3 = await buildRelease(first, 'v3', [rename]);
  await v1.succeed(['upgrade']);
  await first.query("insert into users values (1, '555')");
  return { place: first, v1, v2, v3 };
}

describe('a release that the database is ahead of', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startPostgres({ config: { log_statement: 'all', log_line_prefix: '[%a] ' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('starts where it is compatible: two queries, no lock, whoever asks', async () => {
    const { v1, v2, place } = await story(server.url);
    await v2.succeed(['upgrade']);
    const again = await v1.succeed(['upgrade'], { POD_NAME: 'undone' });
    expect(again.log).toMatchObject([
      { event: 'schema.ahead', level: 'warn', policy: 'compatible', unknown: ['bbb2'] },
      { event: 'run.finished', outcome: 'ahead', heads: ['bbb2'] },
    ]);
    const sent = server
      .log()
      .split(/\n(?=\[)/)
      .filter((entry) => /^\[slipway\/shop\/undone\] LOG: {2}(statement|execute)/.test(entry));
    expect(sent).toHaveLength(2);
    expect(sent.join()).not.toContain('advisory');
    await v1.succeed(['wait']);
    const run = await v1.succeed(['run', '--', process.execPath, '-e', 'console.log("serving")']);
    expect(run.stdout).toBe('serving\n');
    expect(await place.query('select * from users')).toEqual([
      { id: 1, phone: '555', email: null },
    ]);
  });
});

describe('an incompatible rollback', { concurrent: true }, () => {
  it('is refused with the statement, who applied it when, and the commands', async () => {
    const { v1, v2, v3, place } = await story();
    await v2.succeed(['upgrade']);
    await v3.succeed(['upgrade']);
    const message = place.project.path('termination');
    for (const command of [['upgrade'], ['wait'], ['run', '--', 'true']]) {
      const refused = await v1.run(command, { SLIPWAY_TERMINATION_LOG: message });
      const failure = failureOf(refused, 14, 'SLIPWAY_SCHEMA_AHEAD');
      expect(failure).toMatchObject({
        revision: 'ccc3',
        floor: 'ccc3',
        unknown: ['bbb2', 'ccc3'],
        appliedBy: 'pod shop/shop-v3 of v3',
        statement: expect.stringMatching(
          /^migrations\/\d+_ccc3\.sql:\d+: alter table users rename column phone to phone_number$/,
        ),
      });
      expect(failure['next']).toContain('slipway rollback --to aaa1');
      const text = await readFile(message, 'utf8');
      expect(text.length).toBeLessThanOrEqual(1024);
      expect(text).toContain('rename column phone to phone_number');
      expect(text).toContain('pod shop/shop-v3 of v3');
      expect(text).toContain('slipway rollback --to aaa1');
    }
  });

  it('is brought back by an operator, from any image, and forward again', async () => {
    const { v1, v2, v3, place } = await story();
    await v3.succeed(['upgrade']);
    await place.query("insert into users values (2, '556', 'b@c')");
    const shown = await v3.succeed(['rollback', '--to', 'v1', '--dry-run']);
    expect(shown.stdout).toContain('back to release v1 (at aaa1)');
    expect(shown.stdout).toContain('alter table users rename column phone_number to phone');

    const lossy = await v1.run(['rollback']);
    const failure = failureOf(lossy, 16, 'SLIPWAY_NEEDS_APPROVAL');
    expect(failure['amounts']).toEqual(['table audit: 0 rows']);
    const back = await v1.succeed(['rollback', '--allow-data-loss']);
    expect(back.log.at(-1)).toMatchObject({ event: 'run.finished', heads: ['aaa1'], applied: 2 });
    expect(await place.query('select * from users order by id')).toEqual([
      { id: 1, phone: '555' },
      { id: 2, phone: '556' },
    ]);
    await v1.succeed(['upgrade']);
    await v2.succeed(['upgrade']);
    await v3.succeed(['upgrade']);
    expect((await place.succeed(['current'])).stdout).toContain('ccc3');
  });

  it('says how much a lossy way back would lose', async () => {
    const { v2, place } = await story();
    await v2.succeed(['upgrade']);
    await place.query("update users set email = 'a@b'");
    const failure = failureOf(
      await v2.run(['rollback', '--to', 'v1']),
      16,
      'SLIPWAY_NEEDS_APPROVAL',
    );
    expect(failure['amounts']).toEqual(['column users.email: 1 value']);
    expect(await place.query('select email from users')).toEqual([{ email: 'a@b' }]);
  });

  it('goes to a release or a revision by name, and says which there are', async () => {
    const { v1, v2, v3, place } = await story();
    await v2.succeed(['upgrade']);
    await v3.succeed(['upgrade']);
    const unknown = failureOf(
      await v1.run(['rollback', '--to', 'v9']),
      11,
      'SLIPWAY_TARGET_UNKNOWN',
    );
    expect(unknown['next']).toMatch(/"v[123]"|v3, v2, v1/);
    await v1.succeed(['rollback', '--to', 'bbb2', '--allow-data-loss']);
    expect((await place.succeed(['current'])).stdout).toContain('bbb2');
    const nothing = await v1.succeed(['rollback', '--to', 'v2']);
    expect(nothing.log.at(-1)).toMatchObject({ outcome: 'nothing-to-do', heads: ['bbb2'] });
  });
});

describe('what the database keeps', () => {
  it('gives lost files back, byte for byte, and never overwrites another', async () => {
    const place = await createPlace(users);
    const odd =
      '\ufeff-- slipway:revision odd1\r\n-- slipway:revises aaa1\r\n-- Ünïcode  \r\n\r\n-- slipway:up\r\ncreate table "Ö" ();\r\n-- slipway:down\r\ndrop table "Ö";';
    await place.project.write('migrations/9_odd.sql', odd);
    await place.succeed(['upgrade']);
    const { stdout } = await place.succeed(['history', '--export', 'found']);
    expect(stdout).toContain('2 written, 0 there already');
    const files = await readdir(place.project.path('found'));
    expect(files).toHaveLength(2);
    expect(await readFile(place.project.path('found/9_odd.sql'))).toEqual(Buffer.from(odd));
    expect((await place.succeed(['history', '--export', 'found'])).stdout).toContain(
      '0 written, 2 there already',
    );
    await place.project.write('found/9_odd.sql', 'something else');
    failureOf(await place.run(['history', '--export', 'found']), 10, 'SLIPWAY_FILE_EXISTS');
    expect(await readFile(place.project.path('found/9_odd.sql'), 'utf8')).toBe('something else');
  });

  it('says in status and history which revision is the floor, and who set it', async () => {
    const { v3, place } = await story();
    await v3.succeed(['upgrade']);
    const status = (await place.succeed(['status'])).stdout;
    expect(status).toMatch(/floor +ccc3 Rename the phone: releases without it cannot start/);
    expect(status).toMatch(/renames column .*; applied .* by pod shop\/shop-v3 of v3/);
    const history = (await place.succeed(['history', '-v', '-i'])).stdout;
    expect(history).toMatch(/Compatible: no \(.*\); the compatibility floor/);
  });
});

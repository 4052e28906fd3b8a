/** `slipway plan` and the gate, on a database with a large table that somebody is using. */

import { beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import { withClient } from '../../support/postgres.ts';
import { createPlace, type Place } from '../../support/projects.ts';

const crew = {
  id: 'aaa1',
  up: 'create table crew (id bigint primary key, name text, old text);',
  down: 'drop table crew;',
};
const token = {
  id: 'bbb2',
  revises: ['aaa1'],
  up: [
    'alter table crew add column token uuid default gen_random_uuid();',
    'create table fresh (id int);',
    'create index on fresh (id);',
  ].join('\n'),
  down: 'drop table fresh;\nalter table crew drop column token;',
};
const drop = {
  id: 'ccc3',
  revises: ['bbb2'],
  header: ['phase contract'],
  up: 'alter table crew drop column old;',
  down: 'alter table crew add column old text;',
};

let place: Place;
beforeAll(async () => {
  place = await createPlace(crew);
  await place.succeed(['upgrade']);
  await place.query(
    "insert into crew select g, repeat('x', 800), 'x' from generate_series(1, 30000) g",
  );
  await place.query('analyze crew');
  await place.project.add(token);
  await place.project.add(drop);
}, 60_000);

const small = ['--hazard-size', '1MB'];

describe('plan', () => {
  it('shows locks, work with sizes, hazards, and what upgrade would be refused for', async () => {
    const { stdout } = await place.succeed(['plan', ...small]);
    expect(stdout).toContain('2 revisions to apply, 4 statements');
    expect(stdout).toMatch(
      /access exclusive on public\.crew +reads and writes +rewrites public\.crew \(2\d MB, 30 thousand rows\)/,
    );
    expect(stdout).toMatch(/hazard \(rewrite\): rewrites crew \(2\d MB\) under access exclusive: /);
    expect(stdout).toContain('needs approval (data-loss): loses column crew.old');
    expect(stdout).toContain('in the way now: nobody');
    expect(stdout).toContain('upgrade would end with exit code 16');
    expect(stdout).not.toContain('public.fresh');
  });

  it('names the sessions that are in the way right now, and does not wait for them', async () => {
    await withClient(place.url, async (client) => {
      await client.query("set application_name = 'slipway/shop/report-7d9c'");
      await client.query('begin; lock table crew in access exclusive mode');
      const { stdout } = await place.succeed(['plan']);
      expect(stdout).toMatch(
        /pod shop\/report-7d9c \(pid \d+, .*\) holds access exclusive on public\.crew: revision bbb2 would wait for access exclusive/,
      );
      expect(stdout).toMatch(/oldest transaction +pod shop\/report-7d9c/);
      await client.query('rollback');
    });
  });

  it('answers all of it as JSON, and with --exit-code as upgrade would end', async () => {
    const run = await place.run(['plan', '--json', '--exit-code', ...small]);
    failureOf(run, 16, 'SLIPWAY_NEEDS_APPROVAL');
    const plan = JSON.parse(run.stdout);
    expect(plan).toMatchObject({
      heads: ['aaa1'],
      refusal: { exitCode: 16, code: 'SLIPWAY_NEEDS_APPROVAL' },
      conditions: { replicas: [] },
    });
    expect(plan.revisions[0]).toMatchObject({
      id: 'bbb2',
      compatibility: { verdict: 'yes' },
      statements: [
        {
          line: 6,
          command: 'alter table',
          locks: [
            { relation: 'public.crew', mode: 'access exclusive', isNew: false, rows: 30_000 },
          ],
          work: [{ kind: 'rewrite', relation: 'public.crew' }],
          hazards: [{ class: 'rewrite', judgement: 'warned' }],
          blockers: [],
        },
        { command: 'create table', locks: [], hazards: [] },
        { command: 'create index', hazards: [] },
      ],
    });
    expect(plan.estimateMs).toBeGreaterThan(0);
  });

  it('writes Markdown in which names stay what they are', async () => {
    const { stdout } = await place.succeed(['plan', '--markdown', ...small]);
    expect(stdout).toContain('## Migration plan: 2 revisions to apply');
    expect(stdout).toContain('| statement | locks | waiting | work |');
    expect(stdout).toContain('`alter table crew drop column old`');
    expect(stdout).toContain(':no_entry: needs approval** `data-loss`: loses column crew.old');
  });

  it('changes nothing', async () => {
    expect((await place.succeed(['current'])).stdout).toContain('aaa1');
    expect(await place.query("select 1 from slipway.log where event <> 'upgrade'")).toEqual([]);
  });
});

describe('the gate, by class', () => {
  it('refuses a rewrite where rewrites are refused, and nothing ran', async () => {
    const run = await place.run(['upgrade', 'bbb2', '--hazards', 'rewrite=refuse', ...small]);
    const failure = failureOf(run, 13, 'SLIPWAY_HAZARD_REFUSED');
    expect(failure).toMatchObject({ class: 'rewrite', revision: 'bbb2' });
    expect(await place.query("select 1 from pg_class where relname = 'fresh'")).toEqual([]);
  });

  it('asks for an approval where its class needs one, and records it', async () => {
    const gate = ['--hazards', 'rewrite=approve', ...small];
    failureOf(await place.run(['upgrade', 'bbb2', ...gate]), 16, 'SLIPWAY_NEEDS_APPROVAL');
    await place.succeed(['upgrade', 'bbb2', ...gate], { env: { SLIPWAY_APPROVE: 'bbb2' } });
    const [row] = await place.query(
      "select detail from slipway.log where event = 'upgrade' and revision = 'bbb2'",
    );
    expect(row).toMatchObject({
      detail: {
        approvedBy: 'environment',
        hazards: [expect.stringMatching(/^rewrite: rewrites crew \(2\d MB\)/)],
      },
    });
  });

  it('refuses words that are no policy, with those that are', async () => {
    const run = await place.run(['upgrade', '--hazards', 'rewrites=refuse']);
    const { msg } = failureOf(run, 10, 'SLIPWAY_CONFIG_INVALID');
    expect(msg).toContain('there is no class of hazards "rewrites"');
    expect(msg).toContain('index-build');
  });
});

/** Hazards and their approvals. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, world } from './support.ts';

const LOSSY = 'alter table a drop column name;';
const loses = (header: readonly string[] = []) => revision('b<-a', { up: LOSSY, header });
const BREAKING = 'alter table a rename column name to label;';
const policy = (given: object) => ({
  ...({
    hazards: DEFAULT_HAZARD_POLICIES,
    hazardBytes: 0,
    approvals: new Set<string>(),
    approvedBy: 'environment',
  } as const),
  allowDataLoss: false,
  ...given,
});

/** A world in which `a` is applied already. */
async function withApplied(part: ReturnType<typeof revision>) {
  const before = world(['a']);
  await before.upgrade();
  return world(['a', part], { server: before.server });
}

describe('data loss', () => {
  it('needs approval, and nothing runs without it', async () => {
    const run = await withApplied(loses());
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_NEEDS_APPROVAL', 16]);
    expect(error.details).toMatchObject({
      revision: 'b',
      file: 'migrations/b.sql',
      line: 7,
      column: 1,
      losses: [expect.stringContaining('a.name')],
    });
    expect(error.hint).toContain('SLIPWAY_APPROVE=b');
    expect(run.applied).toEqual(['a']);
  });

  it('stops the revisions before it too, and is not judged under the lock only', async () => {
    const run = world(['a', 'x<-a', revision('b<-x', { up: LOSSY })]);
    await run.upgrade({ target: 'a' });
    run.server.holdLock({
      pid: 1,
      application: '',
      pod: undefined,
      user: undefined,
      client: undefined,
      state: undefined,
      ageMs: undefined,
      query: undefined,
    });
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_NEEDS_APPROVAL');
    expect(run.applied).toEqual(['a']);
  });

  it('is refused in the audit log', async () => {
    const run = await withApplied(loses());
    await errorOf(run.upgrade());
    expect(run.server.state.log.at(-1)).toMatchObject({
      event: 'refusal',
      revision: 'b',
      detail: { code: 'SLIPWAY_NEEDS_APPROVAL' },
    });
  });

  it('is approved by the header, and told once, with the reason', async () => {
    const run = await withApplied(loses(['approve data-loss nobody reads it']));
    expect((await run.upgrade()).outcome).toBe('done');
    const told = run.surroundings.reporter.of('hazard.found').filter((e) => e.approvedBy);
    expect(told).toMatchObject([
      {
        revision: 'b',
        approvedBy: 'header',
        reason: 'nobody reads it',
        location: 'migrations/b.sql:8:1',
      },
    ]);
  });

  it('is approved by the environment for the revisions that it names, and recorded', async () => {
    const run = await withApplied(loses());
    const gate = policy({ approvals: new Set(['b']) });
    expect((await run.upgrade({ gate })).outcome).toBe('done');
    expect(run.surroundings.reporter.of('hazard.found')).toContainEqual(
      expect.objectContaining({ revision: 'b', approvedBy: 'environment' }),
    );
    expect(run.server.state.log.at(-1)).toMatchObject({
      event: 'upgrade',
      revision: 'b',
      detail: { approvedBy: 'environment' },
    });
  });

  it('is not approved by an approval of another revision', async () => {
    const run = await withApplied(loses());
    const gate = policy({ approvals: new Set(['other']) });
    expect((await errorOf(run.upgrade({ gate }))).code).toBe('SLIPWAY_NEEDS_APPROVAL');
  });

  it('is none where the same run created what is lost', async () => {
    const run = world(['a', revision('b<-a', { up: 'drop table a;' })]);
    expect((await run.upgrade()).outcome).toBe('done');
  });
});

describe('a change that breaks running code', () => {
  const breaking = (header: readonly string[] = []) =>
    revision('b<-a', { up: BREAKING, down: '', header });

  it('is told once and goes on where hazards warn', async () => {
    const run = await withApplied(breaking());
    expect((await run.upgrade()).outcome).toBe('done');
    expect(run.surroundings.reporter.of('hazard.found')).toMatchObject([
      { revision: 'b', approvedBy: undefined, location: 'migrations/b.sql:7:1' },
    ]);
  });

  it('is refused before anything runs where hazards refuse', async () => {
    const run = await withApplied(breaking());
    const error = await errorOf(
      run.upgrade({
        gate: policy({ hazards: { ...DEFAULT_HAZARD_POLICIES, breaking: 'refuse' } }),
      }),
    );
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_HAZARD_REFUSED', 13]);
    expect(error.details).toMatchObject({ revision: 'b', line: 7, column: 1 });
    expect(run.applied).toEqual(['a']);
  });

  it('is no hazard where the header says that it is compatible', async () => {
    const run = await withApplied(breaking(['compatible yes nothing reads the column']));
    expect(
      (
        await run.upgrade({
          gate: policy({ hazards: { ...DEFAULT_HAZARD_POLICIES, breaking: 'refuse' } }),
        })
      ).outcome,
    ).toBe('done');
    expect(run.server.state.summary?.floor).toBeUndefined();
  });

  it('raises the compatibility floor', async () => {
    const run = await withApplied(breaking());
    await run.upgrade();
    expect(run.server.state.summary).toMatchObject({ floor: 'b' });
  });
});

describe('work on a table that is in use', () => {
  const INDEX = 'create index crew_name on crew (name);';
  const MB = 1024 ** 2;

  /** A world in which the table `crew` is there, with so many bytes. */
  async function withCrew(bytes: number, part: ReturnType<typeof revision>) {
    const before = world([revision('a', { up: 'create table crew (id int);' })]);
    await before.upgrade();
    before.server.grow('crew', bytes);
    return world([revision('a', { up: 'create table crew (id int);' }), part], {
      server: before.server,
    });
  }
  const indexing = (header: readonly string[] = []) => revision('b<-a', { up: INDEX, header });
  const limit = { hazardBytes: 16 * MB };

  it('is told with the size of the table, and goes on', async () => {
    const run = await withCrew(48 * MB, indexing());
    expect((await run.upgrade({ gate: policy(limit) })).outcome).toBe('done');
    expect(run.surroundings.reporter.of('hazard.found')).toMatchObject([
      {
        revision: 'b',
        class: 'index-build',
        hazard: expect.stringContaining('crew (48 MB) under share'),
        approvedBy: undefined,
      },
    ]);
  });

  it('is nothing to talk about while the table is small, or only just created', async () => {
    const small = await withCrew(15 * MB, indexing());
    await small.upgrade({ gate: policy(limit) });
    expect(small.surroundings.reporter.of('hazard.found')).toEqual([]);
    const fresh = world([revision('a', { up: 'create table crew (id int);' }), indexing()]);
    await fresh.upgrade({ gate: policy({ hazardBytes: 0 }) });
    expect(fresh.surroundings.reporter.of('hazard.found')).toEqual([]);
  });

  it('is refused where its class is, before anything runs', async () => {
    const run = await withCrew(48 * MB, indexing());
    const hazards = { ...DEFAULT_HAZARD_POLICIES, 'index-build': 'refuse' };
    const error = await errorOf(run.upgrade({ gate: policy({ ...limit, hazards }) }));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_HAZARD_REFUSED', 13]);
    expect(error.details).toMatchObject({ class: 'index-build', revision: 'b' });
    expect(run.applied).toEqual(['a']);
  });

  it('needs an approval of its own class where its class does', async () => {
    const hazards = { ...DEFAULT_HAZARD_POLICIES, 'index-build': 'approve' };
    const gate = policy({ ...limit, hazards });
    for (const header of [[], ['approve data-loss nobody reads it']]) {
      const run = await withCrew(48 * MB, indexing(header));
      const error = await errorOf(run.upgrade({ gate }));
      expect([error.code, error.exitCode]).toEqual(['SLIPWAY_NEEDS_APPROVAL', 16]);
      expect(error.hint).toContain('approve index-build <reason>');
    }
    const approved = await withCrew(48 * MB, indexing(['approve index-build at night']));
    expect((await approved.upgrade({ gate })).outcome).toBe('done');
    expect(approved.server.state.log.at(-1)).toMatchObject({
      detail: { approvedBy: 'header', hazards: [expect.stringContaining('index-build: ')] },
    });
  });

  it('is not waited for by anybody where it runs concurrently', async () => {
    const up = 'create index concurrently crew_name on crew (name);';
    const run = await withCrew(
      48 * MB,
      revision('b<-a', {
        up,
        down: 'drop index concurrently crew_name;',
        header: ['transaction none'],
      }),
    );
    await run.upgrade({ gate: policy(limit) });
    expect(run.surroundings.reporter.of('hazard.found')).toEqual([]);
  });
});

describe('what cannot be classified', () => {
  const opaque = (header: readonly string[] = []) =>
    revision('b<-a', { up: 'do $$ begin null; end $$;', header });

  it('is told, and can be refused', async () => {
    const run = await withApplied(opaque());
    const refusing = { ...DEFAULT_HAZARD_POLICIES, unknown: 'refuse' };
    const error = await errorOf(run.upgrade({ gate: policy({ hazards: refusing }) }));
    expect(error.details).toMatchObject({ class: 'unknown' });
    await run.upgrade();
    expect(run.surroundings.reporter.of('hazard.found')).toMatchObject([{ class: 'unknown' }]);
  });

  it('is settled by the header', async () => {
    const run = await withApplied(opaque(['compatible yes it only counts']));
    await run.upgrade();
    expect(run.surroundings.reporter.of('hazard.found')).toEqual([]);
  });
});

/** Hazards and their approvals. */

import { describe, expect, it } from 'vitest';
import { revision } from '../../support/graph.ts';
import { errorOf, world } from './support.ts';

const LOSSY = 'alter table a drop column name;';
const loses = (header: readonly string[] = []) => revision('b<-a', { up: LOSSY, header });
const BREAKING = 'alter table a rename column name to label;';
const policy = (given: object) => ({
  ...({ hazards: 'warn', approvals: new Set<string>(), approvedBy: 'environment' } as const),
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
    const error = await errorOf(run.upgrade({ gate: policy({ hazards: 'refuse' }) }));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_HAZARD_REFUSED', 13]);
    expect(error.details).toMatchObject({ revision: 'b', line: 7, column: 1 });
    expect(run.applied).toEqual(['a']);
  });

  it('is no hazard where the header says that it is compatible', async () => {
    const run = await withApplied(breaking(['compatible yes nothing reads the column']));
    expect((await run.upgrade({ gate: policy({ hazards: 'refuse' }) })).outcome).toBe('done');
    expect(run.server.state.summary?.floor).toBeUndefined();
  });

  it('raises the compatibility floor', async () => {
    const run = await withApplied(breaking());
    await run.upgrade();
    expect(run.server.state.summary).toMatchObject({ floor: 'b' });
  });
});

import { describe, expect, it } from 'vitest';
import { repair } from '../../../src/runner/repair.ts';
import type { RepairRequest } from '../../../src/runner/repair-actions.ts';
import { reportRepairs } from '../../../src/runner/repair-report.ts';
import { failure } from '../../support/fake-catalog.ts';
import { revision, summaryOf } from '../../support/graph.ts';
import { errorOf, raise, type World, world } from './support.ts';

const LIMITS = { lockTimeoutMs: 3000, statementTimeoutMs: 0 };
const lost = raise(failure('connection-lost', 'Connection terminated unexpectedly'));
const vague = revision('v<-a transaction:none', {
  up: 'create table t (id int);\ncall pay();\ncreate index concurrently i on t (id);',
  down: 'drop index concurrently i;\ncall refund();\ndrop table t;',
});
const PARTS = ['a', vague];

/** A world in which the runner died in `call pay()`. */
async function halfApplied(): Promise<World> {
  const run = world(PARTS);
  run.server.trap({ operation: 'outside', match: /pay/, act: lost });
  await errorOf(run.upgrade());
  return world(PARTS, { server: run.server });
}

const settle = (run: World, request: RepairRequest, dryRun = false) =>
  repair(
    run.db,
    run.release,
    { request, limits: LIMITS, lockWaitMs: 1000, dryRun },
    run.surroundings,
  );
const report = (run: World) => reportRepairs(run.db, run.release, { limits: LIMITS });
const lastLog = (run: World) => run.server.state.log.at(-1);

describe('what repair lists', () => {
  it('is nothing where nothing is half applied or changed', async () => {
    const run = world(PARTS);
    expect(await report(run)).toEqual({ partial: [], changed: [] });
    await run.upgrade();
    expect(await report(run)).toEqual({ partial: [], changed: [] });
  });

  it('are the statements of a half applied revision, with what the next run makes of each', async () => {
    const run = await halfApplied();
    const [partial] = (await report(run)).partial;
    expect(partial).toMatchObject({ id: 'v', direction: 'upgrade', needsPerson: true });
    expect(partial?.statements).toMatchObject([
      { number: 1, journal: 'done', next: 'done' },
      { number: 2, journal: 'started', next: 'unknown', text: 'call pay()' },
      { number: 3, journal: 'open', next: 'again' },
    ]);
  });

  it('needs nobody where the next run goes on by itself', async () => {
    const run = world(PARTS);
    run.server.trap({ operation: 'outside', match: /i on t/, act: lost });
    await errorOf(run.upgrade());
    run.server.put('i', 'invalid');
    const [partial] = (await report(world(PARTS, { server: run.server }))).partial;
    expect(partial?.needsPerson).toBe(false);
    expect(partial?.statements.at(-1)).toMatchObject({
      evidence: { verdict: 'remnant', fact: 'index i is invalid' },
      next: 'again',
    });
  });

  it('needs a person where a statement was edited after it had been begun', async () => {
    const run = await halfApplied();
    const edited = revision('v<-a transaction:none', {
      up: 'create table t (id int);\ncall pay_all();',
    });
    const next = world(['a', edited], { server: run.server });
    const [partial] = (await report(next)).partial;
    expect(partial?.statements[1]).toMatchObject({ next: 'changed' });
  });

  it('are applied files that changed, with the difference', async () => {
    const run = world(['a', 'b<-a']);
    await run.upgrade();
    const edited = revision('b<-a', { up: 'create table b (id bigint);' });
    const next = world(['a', edited], { server: run.server });
    expect((await report(next)).changed).toMatchObject([{ id: 'b', upDiffers: true }]);
    expect((await report(next)).changed[0]?.difference).toEqual(
      expect.arrayContaining(['- create table b (id int);', '+ create table b (id bigint);']),
    );
  });

  it('says of a half downgrade what its way down still has to do', async () => {
    const run = world(PARTS);
    await run.upgrade();
    run.server.trap({ operation: 'outside', match: /refund/, act: lost });
    await errorOf(run.downgrade('a'));
    const [partial] = (await report(world(PARTS, { server: run.server }))).partial;
    expect(partial).toMatchObject({ direction: 'downgrade', needsPerson: true });
    expect(partial?.statements.map(({ next }) => next)).toEqual(['done', 'unknown', 'again']);
  });
});

describe('an operator’s word on a statement', () => {
  it.each([
    ['done', 1],
    ['absent', 2],
  ] as const)('%s lets the next run go on', async (word, calls) => {
    const run = await halfApplied();
    const statements = [{ number: 2, word }];
    await settle(run, { kind: 'settle', revision: 'v', statements, reason: 'looked' });
    expect(lastLog(run)).toMatchObject({
      event: 'repair',
      revision: 'v',
      detail: { action: 'settled', reason: 'looked', about: [`statement 2 is ${word}`] },
    });
    await run.upgrade();
    expect(run.applied).toEqual(['a', 'v']);
    expect(run.server.sent.filter((text) => text === 'call pay()')).toHaveLength(calls);
  });

  it('is refused for a statement that is not there, and writes nothing', async () => {
    const run = await halfApplied();
    const before = run.server.state;
    const statements = [{ number: 9, word: 'done' as const }];
    const error = await errorOf(
      settle(run, { kind: 'settle', revision: 'v', statements, reason: 'looked' }),
    );
    expect(error).toMatchObject({ code: 'SLIPWAY_REPAIR_REFUSED', exitCode: 13 });
    expect(run.server.state).toEqual(before);
  });
});

describe('an operator’s word on a whole revision', () => {
  it('marks it as applied, and its way down begins from the whole', async () => {
    const run = await halfApplied();
    await settle(run, { kind: 'mark-applied', revision: 'v', reason: 'did the rest by hand' });
    expect(run.applied).toEqual(['a', 'v']);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.surroundings.reporter.of('revision.repaired')).toMatchObject([{ revision: 'v' }]);
    run.server.put('i', 'valid');
    await run.downgrade('a');
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it('marks it as reverted, and an upgrade begins from nothing', async () => {
    const run = await halfApplied();
    await settle(run, { kind: 'mark-reverted', revision: 'v', reason: 'undid it by hand' });
    expect(run.applied).toEqual(['a']);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.server.state.journal).toEqual([]);
    expect(lastLog(run)).toMatchObject({ detail: { reason: 'undid it by hand' } });
  });

  it('is refused where nothing is half applied', async () => {
    const run = world(PARTS);
    await run.upgrade();
    const request = { kind: 'mark-reverted', revision: 'v', reason: 'why not' } as const;
    expect((await errorOf(settle(run, request))).code).toBe('SLIPWAY_REPAIR_REFUSED');
    expect(run.applied).toEqual(['a', 'v']);
  });

  it('waits for the lock of a run, and gives up with it', async () => {
    const run = await halfApplied();
    run.server.holdLock({
      pid: 1,
      application: 'slipway/shop/web-2',
      pod: undefined,
      user: undefined,
      client: undefined,
      state: 'active',
      ageMs: 1,
      query: undefined,
    });
    const request = { kind: 'mark-applied', revision: 'v', reason: 'looked' } as const;
    expect((await errorOf(settle(run, request))).code).toBe('SLIPWAY_LOCK_TIMEOUT');
  });
});

describe('a database that slipway has never seen', () => {
  it('is refused, and left alone', async () => {
    const run = world(PARTS);
    const error = await errorOf(settle(run, { kind: 'drop-remnants', reason: undefined }));
    expect(error.code).toBe('SLIPWAY_REPAIR_REFUSED');
    expect(run.server.state.summary).toBeUndefined();
  });
});

describe('a changed file', () => {
  async function changed(up: string, down = 'drop table b;'): Promise<World> {
    const run = world(['a', 'b<-a', 'c<-b']);
    await run.upgrade();
    const parts = ['a', revision('b<-a', { up, down }), 'c<-b'];
    return world(parts, { server: run.server });
  }

  it('is taken for what was applied', async () => {
    const run = await changed('create table b (id int);', 'drop table if exists b;');
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_APPLIED_CHECKSUM_CHANGED');
    await settle(run, { kind: 'accept-changed', revision: 'b', reason: undefined });
    expect((await run.upgrade()).outcome).toBe('nothing-to-do');
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.server.state.rows.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(lastLog(run)).toMatchObject({ event: 'repair', detail: { action: 'accepted' } });
    await run.downgrade('a');
    expect(run.server.sent).toContain('drop table if exists b');
  });

  it('with other SQL for the upgrade is taken only with a reason', async () => {
    const run = await changed('create table b (id bigint);');
    const request = { kind: 'accept-changed', revision: 'b', reason: undefined } as const;
    expect((await errorOf(settle(run, request))).code).toBe('SLIPWAY_REPAIR_REFUSED');
    await settle(run, { ...request, reason: 'altered by hand before' });
    expect((await run.upgrade()).outcome).toBe('nothing-to-do');
  });

  it('is refused where the file did not change', async () => {
    const run = world(['a']);
    await run.upgrade();
    const request = { kind: 'accept-changed', revision: 'a', reason: 'x' } as const;
    expect((await errorOf(settle(run, request))).code).toBe('SLIPWAY_REPAIR_REFUSED');
  });
});

describe('remnants', () => {
  async function withRemnant(): Promise<World> {
    const run = world(PARTS);
    run.server.trap({ operation: 'outside', match: /i on t/, act: lost });
    await errorOf(run.upgrade());
    run.server.put('i', 'invalid');
    return world(PARTS, { server: run.server });
  }

  it('are dropped where a journaled statement left them, with a note', async () => {
    const run = await withRemnant();
    run.server.put('other', 'invalid');
    const { actions } = await settle(run, { kind: 'drop-remnants', reason: undefined });
    expect(actions).toMatchObject([{ revision: 'v' }]);
    expect(run.objects).toEqual(['a', 't', 'other']);
    expect(lastLog(run)).toMatchObject({ event: 'repair', detail: { action: 'drop-remnants' } });
    await run.upgrade();
    expect(run.server.state.objects.get('i')).toBe('valid');
  });

  it.each<RepairRequest>([
    { kind: 'drop-remnants', reason: undefined },
    { kind: 'mark-applied', revision: 'v', reason: 'x' },
    { kind: 'mark-reverted', revision: 'v', reason: 'x' },
    { kind: 'settle', revision: 'v', statements: [{ number: 3, word: 'done' }], reason: 'x' },
  ])('nor anything else is touched by a dry run: $kind', async (request) => {
    const run = await withRemnant();
    const before = run.server.state;
    expect((await settle(run, request, true)).actions).toHaveLength(1);
    expect(run.server.state).toEqual(before);
  });
});

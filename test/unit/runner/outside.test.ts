/** Revisions outside a transaction: whatever instant a runner dies at, the next one converges. */

import { describe, expect, it } from 'vitest';
import { repair } from '../../../src/runner/repair.ts';
import { failure } from '../../support/fake-catalog.ts';
import { revision, summaryOf } from '../../support/graph.ts';
import type { Trap } from '../../support/traps.ts';
import { errorOf, raise, world } from './support.ts';

const index = revision('i<-a transaction:none', {
  up: 'create index concurrently i1 on a (id);\ncreate index concurrently i2 on a (id);',
  down: 'drop index concurrently i2;\ndrop index concurrently i1;',
});
const RELEASE = ['a', index];
const lost = raise(failure('connection-lost', 'Connection terminated unexpectedly'));

/** Runs `parts` into a crash at `trap`, then gives the database to another release. */
async function crashed(trap: Omit<Trap, 'act'>, parts: Parameters<typeof world>[0] = RELEASE) {
  const run = world(parts);
  run.server.trap({ ...trap, act: lost });
  expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_DB_CONNECTION_LOST');
  return (next: Parameters<typeof world>[0] = parts) => world(next, { server: run.server });
}

function evidenceOf(run: ReturnType<typeof world>): readonly string[] {
  return run.surroundings.reporter.of('statement.skipped').map((event) => event.evidence);
}

describe('a revision outside a transaction', () => {
  it('journals each statement, and is applied when all are done', async () => {
    const run = world(RELEASE);
    await run.upgrade();
    expect(run.applied).toEqual(['a', 'i']);
    expect(run.objects).toEqual(['a', 'i1', 'i2']);
    expect(run.server.state.journal).toMatchObject([
      { revision: 'i', ordinal: 0, direction: 'upgrade', state: 'done' },
      { revision: 'i', ordinal: 1, direction: 'upgrade', state: 'done' },
    ]);
    expect(run.server.state.log.map((entry) => entry.event)).toEqual([
      'upgrade',
      'begin',
      'upgrade',
    ]);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it('is partial while it is under way, and not yet part of the summary', async () => {
    const next = (await crashed({ operation: 'outside', match: /i2/ }))();
    expect(next.applied).toEqual(['a', 'i?']);
    expect(next.server.state.summary).toMatchObject({ heads: ['a'], applied: 1 });
  });

  it.each<[string, Omit<Trap, 'act'>]>([
    ['before it was begun', { operation: 'record', match: /begun/ }],
    ['after it was begun', { operation: 'record', match: /begun/, when: 'after' }],
    ['before the intent of the first statement', { operation: 'journal', match: /started/ }],
    ['after the intent', { operation: 'outside', match: /i1/ }],
    ['after the statement ran', { operation: 'outside', match: /i1/, when: 'after' }],
    ['after the outcome was journaled', { operation: 'journal', match: /done/, when: 'after' }],
    ['after the second statement ran', { operation: 'outside', match: /i2/, when: 'after' }],
    ['before it was recorded', { operation: 'record', match: /applied/, times: 1 }],
  ])('converges when its runner dies %s', async (_, trap) => {
    const base = world(['a']);
    await base.upgrade();
    const run = world(RELEASE, { server: base.server });
    run.server.trap({ ...trap, act: lost });
    await errorOf(run.upgrade());
    const next = world(RELEASE, { server: run.server });
    expect((await next.upgrade()).revisions).toEqual(['i']);
    expect(next.applied).toEqual(['a', 'i']);
    expect(next.objects).toEqual(['a', 'i1', 'i2']);
    expect(next.server.state.summary).toEqual(summaryOf(next.server.state.rows));
    expect(next.server.state.journal.map((entry) => entry.state)).toEqual(['done', 'done']);
  });

  it('does not run a statement twice of which the catalog says that it is done', async () => {
    const next = (await crashed({ operation: 'outside', match: /i1/, when: 'after' }))();
    await next.upgrade();
    expect(next.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
    expect(evidenceOf(next)).toEqual(['index i1 is valid']);
  });

  it('asks the catalog about a statement that was cancelled behind its last commit', async () => {
    const run = world(RELEASE);
    const cancelled = failure('cancelled', 'canceling statement', { sqlState: '57014' });
    run.server.trap({ operation: 'outside', match: /i1/, when: 'after', act: raise(cancelled) });
    await errorOf(run.upgrade());
    const next = world(RELEASE, { server: run.server });
    await next.upgrade();
    expect(next.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
    expect(next.applied).toEqual(['a', 'i']);
  });

  it('does not run a statement twice that is journaled as done', async () => {
    const next = (await crashed({ operation: 'outside', match: /i2/ }))();
    await next.upgrade();
    expect(next.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
    expect(evidenceOf(next)).toEqual([expect.stringMatching(/^journaled as done on 2026-/)]);
  });

  it('removes the invalid index that an interrupted build left, and builds it again', async () => {
    const next = (await crashed({ operation: 'outside', match: /i2/ }))();
    next.server.put('i2', 'invalid');
    await next.upgrade();
    expect(next.server.sent.slice(-2)).toEqual([
      'remove remnant i2',
      'create index concurrently i2 on a (id)',
    ]);
    expect(next.server.state.objects.get('i2')).toBe('valid');
  });

  it('keeps what is done, and says so, when a later statement fails', async () => {
    const bad = revision('i<-a transaction:none', {
      up: 'create index concurrently i1 on a (id);\nselect 1/0;',
    });
    const run = world(['a', bad]);
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    expect(error.details).toMatchObject({ revision: 'i', rolledBack: false, finished: ['a'] });
    expect(run.applied).toEqual(['a', 'i?']);
    const good = revision('i<-a transaction:none', {
      up: 'create index concurrently i1 on a (id);\ncreate index concurrently i2 on a (id);',
    });
    const next = world(['a', good], { server: run.server });
    await next.upgrade();
    expect(next.objects).toEqual(['a', 'i1', 'i2']);
    expect(next.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
  });

  it('skips a statement for good whose condition was not true', async () => {
    const up =
      '-- slipway:only-if select false\nselect 1/0;\ncreate index concurrently i2 on a (id);';
    const conditional = revision('i<-a transaction:none', { up });
    const next = (await crashed({ operation: 'outside', match: /i2/ }, ['a', conditional]))();
    await next.upgrade();
    expect(next.applied).toEqual(['a', 'i']);
    expect(next.server.state.journal.map((entry) => entry.state)).toEqual(['skipped', 'done']);
  });

  it('is tried again when a lock was not obtained in time', async () => {
    const run = world(RELEASE);
    const busy = raise(failure('lock-timeout', 'lock timeout'));
    run.server.trap({ operation: 'outside', match: /i2/, times: 2, act: busy });
    await run.upgrade();
    expect(run.objects).toEqual(['a', 'i1', 'i2']);
    expect(run.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it('is recorded by the same plan when only its record had to be tried again', async () => {
    const run = world(RELEASE);
    await run.upgrade({ target: 'a' });
    const busy = raise(failure('lock-timeout', 'lock timeout'));
    run.server.trap({ operation: 'record', match: /applied/, act: busy });
    await run.upgrade();
    expect(run.surroundings.reporter.of('plan.ready')).toHaveLength(2);
    expect(run.server.sent.filter((text) => text.includes('i1'))).toHaveLength(1);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it('is not recorded as applied when it does not verify, and does not claim to be rolled back', async () => {
    const run = world(['a', revision('i<-a transaction:none', { verify: 'select false;' })]);
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_VERIFY_FAILED');
    expect(error.details).toMatchObject({ revision: 'i', rolledBack: false });
    expect(error.hint).not.toMatch(/was rolled back/);
    expect(run.applied).toEqual(['a', 'i?']);
    const next = world(['a', revision('i<-a transaction:none')], { server: run.server });
    await next.upgrade();
    expect(next.applied).toEqual(['a', 'i']);
  });

  it('is refused behind a transaction pooler, with the setting that helps', async () => {
    const run = world(RELEASE, { pooled: true });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_POOLER_UNSUPPORTED');
    expect(error.hint).toContain('SLIPWAY_DIRECT_URL');
  });
});

describe('a statement of which nobody knows whether it ran', () => {
  const vague = (sql: string) => revision('v<-a transaction:none', { up: sql });
  const trap = { operation: 'outside', match: /call/ } as const;

  it('ends the run for a person to look, with the evidence', async () => {
    const next = (await crashed(trap, ['a', vague('select true;\ncall pay();')]))();
    const error = await errorOf(next.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_REVISION_AMBIGUOUS', 30]);
    expect(error.transient).toBe(false);
    expect(error.details).toMatchObject({
      revision: 'v',
      file: 'migrations/v.sql',
      line: 9,
      column: 1,
      statement: 'call pay()',
      ordinal: 2,
      of: 2,
      startedAt: expect.stringMatching(/^2026-/),
    });
    expect(next.server.sent.filter((text) => text.startsWith('call'))).toHaveLength(1);
  });

  it('is run again where the file says that this does no harm', async () => {
    const resume = await crashed(trap, ['a', vague('call pay();')]);
    const next = resume(['a', vague('-- slipway:idempotent\ncall pay();')]);
    await next.upgrade();
    expect(next.applied).toEqual(['a', 'v']);
    expect(next.server.sent.filter((text) => text.startsWith('call'))).toHaveLength(2);
  });

  it('is run again when the server itself refused it', async () => {
    const run = world(['a', vague('call pay();')]);
    run.server.trap({ operation: 'outside', act: raise(failure('other', 'out of disk')) });
    await errorOf(run.upgrade());
    const next = world(['a', vague('call pay();')], { server: run.server });
    expect((await next.upgrade()).outcome).toBe('done');
  });
});

describe('a statement that can share a transaction with its journal entry', () => {
  const parts = (up: string) => ['a', revision('t<-a transaction:none', { up })];
  const twoTables = parts('create table t1 (id int);\ncreate table t2 (id int);');

  it.each<[string, Omit<Trap, 'act'>]>([
    ['before its commit', { operation: 'commit', times: 1 }],
    ['in the statement', { operation: 'statement', match: /t2/ }],
    ['before the entry', { operation: 'journal', match: /done/ }],
  ])('is made once when its runner dies %s', async (_, trap) => {
    const base = world(['a']);
    await base.upgrade();
    const run = world(twoTables, { server: base.server });
    run.server.trap({ ...trap, act: lost });
    await errorOf(run.upgrade());
    const next = world(twoTables, { server: run.server });
    await next.upgrade();
    expect([next.applied, next.objects]).toEqual([
      ['a', 't'],
      ['a', 't1', 't2'],
    ]);
    expect(next.server.state.journal.map((entry) => entry.state)).toEqual(['done', 'done']);
  });

  it('is not taken for done because something of its name is there', async () => {
    const resume = await crashed({ operation: 'statement', match: /t1/ }, twoTables);
    const next = resume(twoTables);
    next.server.put('t1', 'valid');
    expect((await errorOf(next.upgrade())).details).toMatchObject({ sqlState: '42P07' });
  });
});

describe('a statement that may be repeated', () => {
  it('runs again, and says so', async () => {
    const parts = ['a', revision('v<-a transaction:none', { up: 'vacuum a;' })];
    const next = (await crashed({ operation: 'outside', match: /vacuum/ }, parts))();
    await next.upgrade();
    expect(next.server.sent.filter((text) => text.startsWith('vacuum'))).toHaveLength(2);
    expect(next.surroundings.reporter.of('statement.resumed')).toMatchObject([{ revision: 'v' }]);
  });
});

describe('a revision that is turned back half way', () => {
  const both = revision('b<-a transaction:none', {
    up: 'create table t1 (id int);\ncreate index concurrently i1 on a (id);',
    down: 'drop index concurrently i1;\ndrop table t1;',
  });
  const parts = ['a', both];

  it.each<[string, Omit<Trap, 'act'>]>([
    ['before its first statement', { operation: 'commit', times: 1 }],
    ['in its first statement', { operation: 'statement', match: /t1/ }],
    ['in its second statement', { operation: 'outside', match: /i1/ }],
    ['after its second statement', { operation: 'outside', match: /i1/, when: 'after' }],
  ])('goes down when the upgrade died %s, also if the downgrade dies too', async (_, trap) => {
    const base = world(['a']);
    await base.upgrade();
    const run = world(parts, { server: base.server });
    run.server.trap({ ...trap, act: lost });
    await errorOf(run.upgrade());
    if (!run.applied.includes('b?')) await errorOf(begin(run.server));
    const down = world(parts, { server: run.server });
    down.server.trap({ operation: 'commit', when: 'after', act: lost });
    // One that has nothing left to do survives the loss of its last answer.
    await down.downgrade('a').catch(() => undefined);
    const next = world(parts, { server: run.server });
    await next.downgrade('a');
    expect([next.applied, next.objects]).toEqual([['a'], ['a']]);
  });

  it.each<[string, Omit<Trap, 'act'>]>([
    ['before its first statement', { operation: 'journal', match: /started/ }],
    ['after its first statement', { operation: 'outside', match: /drop.*i1/, when: 'after' }],
    ['in its second statement', { operation: 'statement', match: /drop.*t1/ }],
    ['before it was recorded', { operation: 'record', match: /reverted/ }],
  ])('goes up again when the downgrade died %s, also if the upgrade dies too', async (_, trap) => {
    const run = world(parts);
    await run.upgrade();
    run.server.trap({ ...trap, act: lost });
    await errorOf(run.downgrade('a'));
    const up = world(parts, { server: run.server });
    up.server.trap({ operation: 'commit', when: 'after', act: lost });
    await up.upgrade().catch(() => undefined);
    const next = world(parts, { server: run.server });
    await next.upgrade();
    expect([next.applied, [...next.objects].sort()]).toEqual([
      ['a', 'b'],
      ['a', 'i1', 't1'],
    ]);
  });

  it('leaves no journal of a downgrade that had changed nothing', async () => {
    const run = world(parts);
    await run.upgrade();
    run.server.trap({ operation: 'outside', match: /drop.*i1/, act: lost });
    await errorOf(run.downgrade('a'));
    const next = world(parts, { server: run.server });
    await next.upgrade();
    expect(next.applied).toEqual(['a', 'b']);
    expect(next.server.state.journal).toEqual([]);
    expect(next.server.state.summary).toEqual(summaryOf(next.server.state.rows));
    await next.downgrade('a');
    expect([next.applied, next.objects]).toEqual([['a'], ['a']]);
  });

  it('does not take an edited file for what was applied before the downgrade began', async () => {
    const run = world(parts);
    await run.upgrade();
    run.server.trap({ operation: 'journal', match: /started/, act: lost });
    await errorOf(run.downgrade('a'));
    const edited = revision('b<-a transaction:none', {
      up: 'create table t1 (id int);\ncreate index concurrently i2 on a (id);',
    });
    const next = world(['a', edited], { server: run.server });
    await next.upgrade();
    expect(next.objects).toContain('i2');
  });

  it('asks a person about what leaves no evidence, and repair settles it', async () => {
    const change = revision('b<-a transaction:none', {
      up: 'create index concurrently i1 on a (id);\nupdate a set id = id + 1;\ncall pay();',
      down: 'update a set id = id - 1;\ndrop index concurrently i1;',
    });
    const run = world(['a', change]);
    run.server.trap({ operation: 'statement', match: /update/, act: lost });
    await errorOf(run.upgrade());
    const next = world(['a', change], { server: run.server });
    const error = await errorOf(next.downgrade('a'));
    expect(error).toMatchObject({ code: 'SLIPWAY_REVISION_AMBIGUOUS', details: { ordinal: 1 } });
    expect(next.server.sent.filter((text) => text.includes('id - 1'))).toEqual([]);
    await repair(
      next.db,
      undefined,
      {
        request: {
          kind: 'settle',
          revision: 'b',
          statements: [{ number: 1, word: 'done' }],
          reason: 'the update never ran',
        },
        limits: { lockTimeoutMs: 3000, statementTimeoutMs: 0 },
        lockWaitMs: 1000,
        dryRun: false,
      },
      next.surroundings,
    );
    await next.downgrade('a');
    expect([next.applied, next.objects]).toEqual([['a'], ['a']]);
    expect(next.server.sent.filter((text) => text.includes('id - 1'))).toEqual([]);
  });

  /** A run that dies right after it has begun the upgrade. */
  async function begin(server: ReturnType<typeof world>['server']) {
    const run = world(parts, { server });
    run.server.trap({ operation: 'commit', when: 'after', act: lost });
    return run.upgrade();
  }
});

describe('a file that changed while its revision was half applied', () => {
  const of = (up: string) => revision('i<-a transaction:none', { up });
  const first = of('create index concurrently i1 on a (id);\nselect 1/0;');

  it('may be corrected behind the statements that ran', async () => {
    const run = world(['a', first]);
    await errorOf(run.upgrade());
    const next = world(['a', of('create index concurrently i1 on a (id);\nselect true;')], run);
    expect((await next.upgrade()).outcome).toBe('done');
  });

  it('must not be changed where statements already ran', async () => {
    const run = world(['a', first]);
    await errorOf(run.upgrade());
    const next = world(['a', of('create index concurrently i1 on a (x);\nselect true;')], run);
    const error = await errorOf(next.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_AMBIGUOUS');
    expect(error.details).toMatchObject({ revision: 'i', ordinal: 1 });
  });

  it('is not taken for done by evidence of what its statement was before', async () => {
    const before = of('create index concurrently i1 on a (id);');
    const resume = await crashed({ operation: 'outside', when: 'after' }, ['a', before]);
    const next = resume(['a', of('create index concurrently i1 on a (other);')]);
    const outcome = await next.upgrade().then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
    const rebuilt = next.server.sent.includes('create index concurrently i1 on a (other)');
    expect(outcome === 'SLIPWAY_REVISION_AMBIGUOUS' || rebuilt).toBe(true);
  });
});

describe('a downgrade outside a transaction', () => {
  it('takes the statements back one by one', async () => {
    const run = world(RELEASE);
    await run.upgrade();
    await run.downgrade('a');
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
    expect(run.server.state.journal).toEqual([]);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it.each<[string, Omit<Trap, 'act'>]>([
    ['after it was begun', { operation: 'journal', match: /started/ }],
    ['after the first statement ran', { operation: 'outside', match: /drop.*i2/, when: 'after' }],
    ['between its statements', { operation: 'outside', match: /drop.*i1/ }],
    ['before it was recorded', { operation: 'record', match: /reverted/ }],
  ])('converges when its runner dies %s', async (_, trap) => {
    const run = world(RELEASE);
    await run.upgrade();
    run.server.trap({ ...trap, act: lost });
    await errorOf(run.downgrade('a'));
    const next = world(RELEASE, { server: run.server });
    expect(next.applied).toEqual(['a', 'i?']);
    await next.downgrade('a');
    expect([next.applied, next.objects]).toEqual([['a'], ['a']]);
    expect(next.server.state.summary).toEqual(summaryOf(next.server.state.rows));
  });

  it('runs in full after an upgrade that came between', async () => {
    const up = 'create index concurrently if not exists i1 on a (id);';
    const down = 'drop index concurrently if exists i1;\nselect true;';
    const parts = ['a', revision('i<-a transaction:none', { up, down })];
    const run = world(parts);
    await run.upgrade();
    run.server.trap({ operation: 'outside', match: /select true/, act: lost });
    await errorOf(run.downgrade('a'));
    expect(run.objects).toEqual(['a']);
    const next = world(parts, { server: run.server });
    await next.upgrade();
    expect(next.objects).toEqual(['a', 'i1']);
    await next.downgrade('a');
    expect(next.objects).toEqual(['a']);
  });
});

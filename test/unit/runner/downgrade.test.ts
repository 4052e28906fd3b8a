/** Downgrades from the archive. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { failure } from '../../support/fake-catalog.ts';
import { appliedRow, revision, summaryOf } from '../../support/graph.ts';
import { errorOf, raise, world } from './support.ts';

async function upgraded(...parts: Parameters<typeof world>[0]) {
  const run = world(parts);
  await run.upgrade();
  return run;
}

describe('downgrade', () => {
  it.each([
    ['base', [], ['d', 'c', 'b', 'a']],
    ['-1', ['a', 'b', 'c'], ['d']],
    ['d@-1', ['a', 'b', 'c'], ['d']],
    ['a', ['a'], ['d', 'c', 'b']],
  ])('goes down to its target, the last applied first: %s', async (target, left, gone) => {
    const run = await upgraded('a', 'b<-a', 'c<-a', 'd<-b,c');
    expect(await run.downgrade(target)).toMatchObject({ outcome: 'done', revisions: gone });
    expect([run.applied, run.objects]).toEqual([left, left]);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.surroundings.reporter.of('revision.reverted').map((e) => e.revision)).toEqual(gone);
  });

  it('takes back one branch and leaves the other where its label says so', async () => {
    const run = await upgraded('a', 'b<-a label:left', 'c<-a label:right', 'd<-b', 'e<-c');
    await run.downgrade('left@a');
    expect(run.applied).toEqual(['a', 'c', 'e']);
    await run.downgrade('right@-1');
    expect(run.applied).toEqual(['a', 'c']);
    expect((await errorOf(run.downgrade('right@-9'))).code).toBe('SLIPWAY_TARGET_OUT_OF_RANGE');
  });

  it('takes back nothing of another branch where its own is not applied', async () => {
    const files = ['a', 'b<-a label:web', 'c<-b', 'd<-a label:jobs', 'e<-d'];
    const run = world(files);
    await run.upgrade({ target: 'c' });
    const error = await errorOf(run.downgrade('jobs@-1', { release: run.release }));
    expect(error.code).toBe('SLIPWAY_TARGET_OUT_OF_RANGE');
    expect(run.applied).toEqual(['a', 'b', 'c']);
  });

  it('asks which line is meant where there are several', async () => {
    const run = await upgraded('a', 'b<-a', 'c<-a');
    expect((await errorOf(run.downgrade('-1'))).code).toBe('SLIPWAY_TARGET_AMBIGUOUS');
    await run.downgrade('c@-1');
    expect(run.applied).toEqual(['a', 'b']);
  });

  it('leaves what only depends on its target', async () => {
    const run = await upgraded('a', 'b<-a', 'x depends:a', 'y<-x');
    await run.downgrade('a');
    expect(run.applied).toEqual(['a', 'x', 'y']);
  });

  it('needs no files: it runs the down SQL that the database keeps', async () => {
    const run = await upgraded('a', revision('b<-a', { down: 'drop table b;\nselect true;' }));
    const elsewhere = world([], { server: run.server });
    await elsewhere.downgrade('a');
    expect(run.server.sent.slice(-2)).toEqual(['drop table b', 'select true']);
    expect(run.server.state.log.at(-1)).toMatchObject({ event: 'downgrade', revision: 'b' });
  });

  it('runs the archived SQL even where the file says something else by now', async () => {
    const run = await upgraded('a');
    const other = world([revision('a', { down: 'select 1/0;' })], { server: run.server });
    await other.downgrade('base');
    expect(other.applied).toEqual([]);
  });

  it('does nothing at base', async () => {
    const run = world(['a']);
    expect(await run.downgrade('base')).toEqual({
      outcome: 'nothing-to-do',
      heads: [],
      revisions: [],
    });
    expect(run.server.state.summary).toBeUndefined();
  });

  it('refuses to go past an irreversible revision, before anything runs', async () => {
    const run = await upgraded('a');
    const text =
      '-- slipway:revision b\n-- slipway:revises a\n-- slipway:irreversible data was merged\n-- slipway:up\n';
    const next = world(['a', parseRevisionFile(text, 'migrations/b.sql'), 'c<-b'], run);
    await next.upgrade();
    const error = await errorOf(next.downgrade('base'));
    expect(error.code).toBe('SLIPWAY_NO_WAY_BACK');
    expect(error.details).toMatchObject({ revision: 'b', reason: 'data was merged' });
    expect(next.applied).toEqual(['a', 'b', 'c']);
  });

  it('refuses an archive that does not match its checksum', async () => {
    const run = world([]);
    await run.db.applied.prepare();
    const a = revision('a');
    const compatibility = { verdict: 'yes', reason: '' } as const;
    const forged = { ...a, source: a.source.replace('drop table a', 'drop table users') };
    const summary = { before: '0'.repeat(64), after: summaryOf([appliedRow(a)]) };
    await run.db.sql.transaction(
      { lockTimeoutMs: 1, statementTimeoutMs: 0, durable: true, expectedDigest: '0'.repeat(64) },
      (tx) => tx.record({ kind: 'applied', revision: forged, compatibility, summary }),
    );
    const error = await errorOf(run.downgrade('base'));
    expect(error.code).toBe('SLIPWAY_APPLIED_CHECKSUM_CHANGED');
    expect(run.server.sent).toEqual([]);
  });

  it('loses no data unless it is told to', async () => {
    const run = await upgraded('a');
    const gate = {
      ...({
        hazards: DEFAULT_HAZARD_POLICIES,
        hazardBytes: 0,
        approvals: new Set(['a']),
        approvedBy: 'environment',
      } as const),
      allowDataLoss: false,
    };
    const error = await errorOf(run.downgrade('base', { gate }));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_NEEDS_APPROVAL', 16]);
    expect(error.hint).toContain('--allow-data-loss');
    expect(run.applied).toEqual(['a']);
  });

  it('keeps what it had taken back when a later step fails', async () => {
    const run = await upgraded('a', revision('b<-a', { down: 'select 1/0;' }), 'c<-b');
    const error = await errorOf(run.downgrade('base'));
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    expect(error.details).toMatchObject({
      revision: 'b',
      direction: 'downgrade',
      finished: ['c'],
      heads: ['b'],
      rolledBack: true,
    });
    expect(run.applied).toEqual(['a', 'b']);
  });

  it('keeps the record straight when it had to wait for a lock', async () => {
    const run = await upgraded('a compatible:no', 'b<-a compatible:no', 'c<-b');
    run.server.trap({
      operation: 'statement',
      match: /drop table b/,
      act: raise(failure('lock-timeout', 'lock timeout')),
    });
    await run.downgrade('a');
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.server.state.summary).toMatchObject({ heads: ['a'], floor: 'a' });
  });

  it('restores what there was before the upgrade', async () => {
    const run = await upgraded('a');
    const { summary, rows, objects } = run.server.state;
    const next = world(['a', 'b<-a', 'c<-b'], run);
    await next.upgrade();
    await next.downgrade('a');
    expect(next.server.state.summary).toEqual(summary);
    expect(next.server.state.rows).toEqual(rows);
    expect(next.server.state.objects).toEqual(objects);
  });
});

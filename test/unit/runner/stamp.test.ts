/** Recording revisions without running them. */

import { describe, expect, it } from 'vitest';
import { revision, summaryOf } from '../../support/graph.ts';
import { errorOf, world } from './support.ts';

const PARTS = ['a', 'b<-a', 'c<-b', 'd<-c'];

describe('stamp', () => {
  it('records a revision and all it needs, and runs nothing', async () => {
    const run = world(PARTS);
    expect(await run.stamp('b')).toEqual({ outcome: 'done', heads: ['b'], revisions: ['a', 'b'] });
    expect(run.server.sent).toEqual([]);
    expect(run.server.state.rows).toMatchObject([
      { id: 'a', stamped: true, state: 'applied' },
      { id: 'b', stamped: true },
    ]);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.server.state.log.map((entry) => entry.event)).toEqual(['stamp', 'stamp']);
    expect((await run.upgrade({ target: 'b' })).outcome).toBe('nothing-to-do');
  });

  it('forgets what lies above its target', async () => {
    const run = world(PARTS);
    await run.upgrade();
    expect(await run.stamp('b')).toEqual({ outcome: 'done', heads: ['b'], revisions: ['d', 'c'] });
    expect([run.applied, run.objects]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c', 'd'],
    ]);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
    expect(run.surroundings.reporter.of('revision.stamped')).toMatchObject([
      { revision: 'd', direction: 'downgrade', description: 'Revision d' },
      { revision: 'c', direction: 'downgrade' },
    ]);
  });

  it.each([
    ['base', []],
    ['head', ['a', 'b', 'c', 'd']],
    ['heads', ['a', 'b', 'c', 'd']],
  ])('takes %s', async (target, expected) => {
    const run = world(PARTS);
    await run.upgrade({ target: 'b' });
    await run.stamp(target);
    expect(run.applied).toEqual(expected);
  });

  it('does nothing when the database is there already', async () => {
    const run = world(PARTS);
    await run.stamp('b');
    const log = run.server.state.log.length;
    expect(await run.stamp('b')).toEqual({ outcome: 'nothing-to-do', heads: ['b'], revisions: [] });
    expect(run.server.state.log).toHaveLength(log);
  });

  it('leaves alone what this release does not know, unless it is to purge', async () => {
    const first = world(['a', 'x<-a']);
    await first.upgrade();
    const run = world(PARTS, first);
    await run.stamp('b');
    expect(run.applied).toEqual(['a', 'x', 'b']);
    await run.stamp('b', { purge: true });
    expect(run.applied).toEqual(['a', 'b']);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it('settles a revision that was left half applied', async () => {
    const partial = revision('p<-a transaction:none', { up: 'select 1/0;' });
    const run = world(['a', partial]);
    await errorOf(run.upgrade());
    expect(run.applied).toEqual(['a', 'p?']);
    await run.stamp('p');
    expect(run.applied).toEqual(['a', 'p']);
    expect(run.server.state.summary).toEqual(summaryOf(run.server.state.rows));
  });

  it('forgets a revision that was left half applied', async () => {
    const partial = revision('p<-a transaction:none', { up: 'select 1/0;' });
    const run = world(['a', partial]);
    await errorOf(run.upgrade());
    await run.stamp('a');
    expect(run.applied).toEqual(['a']);
    expect(run.server.state.journal).toEqual([]);
  });

  it('moves the branch of its target and leaves the others', async () => {
    const run = world(['a', 'b<-a label:left', 'c<-a', 'd<-b', 'x', 'y<-x']);
    await run.stamp('heads');
    await run.stamp('b');
    expect(run.applied.toSorted()).toEqual(['a', 'b', 'c', 'x', 'y']);
    await run.stamp('left@base');
    expect(run.applied.toSorted()).toEqual(['a', 'c', 'x', 'y']);
    await run.stamp('x@base');
    expect(run.applied.toSorted()).toEqual(['a', 'c']);
  });

  it('leaves what is not on the line of its target, whatever depends on it', async () => {
    const run = world(['a label:shop', 'b<-a', 'c<-b', 'x label:billing depends:b', 'y<-x']);
    await run.stamp('heads');
    expect(await run.stamp('shop@head')).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('takes several targets, and steps', async () => {
    const run = world(['a', 'b<-a', 'c<-a', 'd<-b', 'e<-c']);
    await run.stamp('b c');
    expect(run.applied).toEqual(['a', 'b', 'c']);
    await run.stamp('b@+1');
    expect(run.applied).toEqual(['a', 'b', 'c', 'd']);
    await run.stamp('base');
    await run.stamp('+1');
    expect(run.applied).toEqual(['a']);
  });

  it('wants a name where there are several heads', async () => {
    const run = world(['a', 'b<-a', 'c<-a']);
    expect((await errorOf(run.stamp('head'))).code).toBe('SLIPWAY_MULTIPLE_HEADS');
    await run.stamp('heads');
    expect(run.applied).toEqual(['a', 'b', 'c']);
  });
});

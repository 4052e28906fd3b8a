import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../src/core/errors.ts';
import { failure } from '../../support/fake-catalog.ts';
import type { Trap } from '../../support/traps.ts';
import { errorOf, OTHER_POD, raise, world } from './support.ts';

const lost = raise(failure('connection-lost', 'Connection terminated'));
const afterCommit: Trap = { operation: 'commit', when: 'after', act: lost };
const beforeCommit: Trap = { operation: 'commit', when: 'before', act: lost };
/** Lets the first revision pass. */
const inSecond = (trap: Trap): Trap => {
  let commits = 0;
  return { ...trap, times: 2, act: () => (++commits === 2 ? trap.act() : undefined) };
};

describe('a connection that is lost at a commit', () => {
  it('does not end the run when the commit had happened', async () => {
    const run = world(['a', 'b<-a', 'c<-b']);
    run.server.trap(inSecond(afterCommit));
    const outcome = await run.upgrade();
    expect(outcome).toMatchObject({ outcome: 'done', heads: ['c'], revisions: ['a', 'b', 'c'] });
    expect(run.server.sent.filter((text) => text.includes('table b'))).toHaveLength(1);
    expect(run.surroundings.reporter.of('revision.applied').map((e) => e.revision)).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(run.surroundings.reporter.of('warning')).toMatchObject([
      { message: expect.stringContaining('revision "b"') },
    ]);
  });

  it('ends the run well when it was the last commit', async () => {
    const run = world(['a', 'b<-a']);
    run.server.trap(inSecond(afterCommit));
    expect(await run.upgrade()).toMatchObject({ outcome: 'done', revisions: ['a', 'b'] });
    expect(await run.db.lock.holder()).toBeUndefined();
  });

  it('ends the run when the commit had not happened, which is audited', async () => {
    const run = world(['a', 'b<-a']);
    run.server.trap(inSecond(beforeCommit));
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_DB_CONNECTION_LOST', 20]);
    expect(error.details).toMatchObject({ revision: 'b', rolledBack: true, finished: ['a'] });
    expect(error.message).toMatch(/was not committed/);
    expect(run.applied).toEqual(['a']);
    expect(run.server.state.log.at(-1)).toMatchObject({ event: 'failure', revision: 'b' });
  });

  it('does not claim to know what it could not ask', async () => {
    const run = world(['a', 'b<-a']);
    run.server.trap(inSecond(afterCommit));
    const refused = new ConnectionError('SLIPWAY_DB_UNREACHABLE', 'connection refused');
    run.server.trap({ operation: 'reopen', act: raise(refused) });
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_DB_CONNECTION_LOST', 20]);
    expect(error.message).toMatch(/not known: connection refused/);
    expect(error.details['rolledBack']).toBeUndefined();
  });

  it('is not asked about by a run that was told to stop', async () => {
    const run = world(['a']);
    const act = () => {
      run.surroundings.interrupt();
      lost();
    };
    run.server.trap({ ...afterCommit, act });
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_INTERRUPTED', 24]);
    expect(error.message).toMatch(/not known/);
  });

  it('is asked about behind a transaction pooler too, once nobody can still be committing', async () => {
    const run = world(['a', 'b<-a'], { pooled: true });
    let giveBack = () => {};
    run.server.trap({
      ...afterCommit,
      act: () => {
        giveBack = run.server.holdLock(OTHER_POD);
        run.surroundings.at(5000, giveBack);
        lost();
      },
    });
    expect(await run.upgrade()).toMatchObject({ outcome: 'done', revisions: ['a', 'b'] });
    expect(run.surroundings.reporter.of('lock.waiting')[0]).toMatchObject({ holder: OTHER_POD });
  });

  it('forgets what a crashed server had not flushed, and applies it again', async () => {
    const run = world(['a', 'b<-a']);
    const before = run.server.state;
    const act = () => {
      run.server.crashTo(before);
      lost();
    };
    run.server.trap(inSecond({ ...afterCommit, act }));
    const error = await errorOf(run.upgrade());
    expect(error.details).toMatchObject({ revision: 'b', finished: [], heads: [] });
    const next = world(['a', 'b<-a'], { server: run.server });
    expect((await next.upgrade()).revisions).toEqual(['a', 'b']);
  });

  it('goes on downwards to where it was told to go, and no further', async () => {
    const run = world(['a', 'b<-a', 'c<-b']);
    await run.upgrade();
    run.server.trap(afterCommit);
    expect(await run.downgrade('-2')).toMatchObject({ heads: ['a'], revisions: ['c', 'b'] });
    expect(run.applied).toEqual(['a']);
  });

  it('leaves a revision outside a transaction to the next run, unless it was recorded', async () => {
    const run = world(['a', 'b<-a transaction:none']);
    run.server.trap(inSecond(beforeCommit));
    const error = await errorOf(run.upgrade());
    expect(error.message).toMatch(/is not finished/);
    expect(error.details).toMatchObject({ revision: 'b', rolledBack: false });
    const next = world(['a', 'b<-a transaction:none'], { server: run.server });
    expect((await next.upgrade()).revisions).toEqual(['b']);
  });
});

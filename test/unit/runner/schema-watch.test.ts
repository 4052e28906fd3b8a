/** Looking again and again: what is asked, how often, and what is told. */

import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../../src/core/errors.ts';
import type { Release } from '../../../src/runner/ports.ts';
import { type KeptDatabase, schemaWatch } from '../../../src/runner/schema-watch.ts';
import { errorOf, raise, world } from './support.ts';

const gone = new ConnectionError('SLIPWAY_DB_UNREACHABLE', 'cannot connect to db:5432');

/** A watch over a fake database, which can be taken away. */
function watched(files: readonly string[], phase: 'all' | 'expand' = 'expand') {
  const here = world(files);
  const { surroundings } = here;
  let isGone = false;
  let reads = 0;
  let lists = 0;
  const database: KeptDatabase = {
    async read(look) {
      reads++;
      if (isGone) throw gone;
      const { applied } = here.db;
      return look({
        ...applied,
        list: () => {
          lists++;
          return applied.list();
        },
      });
    },
  };
  const request = { phase, onAhead: 'refuse', intervalMs: 30_000 } as const;
  const watch = (release: Release = here.release) =>
    schemaWatch(database, release, request, surroundings);
  return {
    ...here,
    watch,
    lose: (is: boolean) => {
      isGone = is;
    },
    asked: () => ({ reads, lists }),
  };
}

describe('a watch over the schema', () => {
  it('asks for one row where nothing has changed', async () => {
    const all = watched(['a', 'b<-a']);
    await all.upgrade();
    const watch = all.watch();
    for (let look = 0; look < 3; look++) await watch.check();
    expect(watch.latest).toMatchObject({ state: 'ready' });
    expect(all.asked()).toEqual({ reads: 3, lists: 0 });
    const told = all.surroundings.reporter.of('schema.checked');
    expect(told.map(({ isNews }) => isNews)).toEqual([true, false, false]);
  });

  it('judges a database that is elsewhere once, and again when it changes', async () => {
    const all = watched(['a', 'b<-a', 'c<-b']);
    await all.upgrade({ target: 'a' });
    const watch = all.watch();
    expect(await watch.check()).toMatchObject({ state: 'behind', pending: 2 });
    expect(await watch.check()).toMatchObject({ state: 'behind', pending: 2 });
    expect(all.asked().lists).toBe(1);
    await all.upgrade({ target: 'b' });
    expect(await watch.check()).toMatchObject({ state: 'behind', pending: 1 });
    expect(all.asked().lists).toBe(2);
    await all.upgrade();
    expect(await watch.check()).toMatchObject({ state: 'ready' });
  });

  it('says that a database without history is behind', async () => {
    expect(await watched(['a']).watch().check()).toMatchObject({ state: 'behind', pending: 1 });
  });

  it('lets those who ask at the same time share one look', async () => {
    const all = watched(['a']);
    const watch = all.watch();
    await Promise.all([watch.check(), watch.check()]);
    expect(all.asked().reads).toBe(1);
  });

  it('looks at its interval, sooner while there is no answer, and stops when told to', async () => {
    const all = watched(['a']);
    await all.upgrade();
    const { surroundings } = all;
    const before = surroundings.sleeps.length;
    surroundings.at(60_000, () => all.lose(true));
    surroundings.at(100_000, () => all.lose(false));
    surroundings.at(200_000, () => surroundings.interrupt());
    expect((await errorOf(all.watch().keepLooking())).code).toBe('SLIPWAY_INTERRUPTED');
    const sleeps = surroundings.sleeps.slice(before);
    expect(sleeps.slice(0, 9)).toEqual([
      30_000, 30_000, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    const news = surroundings.reporter.of('schema.checked').filter(({ isNews }) => isNews);
    expect(news.map(({ state }) => state)).toEqual(['ready', 'unreachable', 'ready']);
  });

  it('does not take a bug for an answer', async () => {
    const all = watched(['a']);
    const broken = { ...all.release, identity: raise(new TypeError('a bug')) };
    await expect(all.watch(broken).check()).rejects.toThrow('a bug');
  });
});

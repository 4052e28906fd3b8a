/** When a statement is looked at, and who blocks it is told. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SessionInfo } from '../../../src/core/events.ts';
import type { Observer } from '../../../src/postgres/blockers.ts';
import { watchBlockers } from '../../../src/postgres/blockers.ts';
import { PACE, type Running, watchProgress } from '../../../src/postgres/progress.ts';
import type { StatementProgress } from '../../../src/runner/ports.ts';
import { statementOf } from '../../support/port-fixture.ts';

describe('a watch', () => {
  let clock: number;
  beforeEach(() => {
    vi.useFakeTimers();
    clock = 0;
  });
  afterEach(() => vi.useRealTimers());

  const advance = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock += 100;
      await vi.advanceTimersByTimeAsync(100);
    }
  };
  const building = { view: 'create_index', report: { phase: 'building', blocks_total: 10 } };
  const server = (answer: (text: string) => Promise<readonly object[]>) => {
    const asked: string[] = [];
    const observer = {
      query: (text: string) => {
        asked.push(text);
        return answer(text) as ReturnType<Observer['query']>;
      },
      close: async () => undefined,
    } satisfies Observer;
    return { observer, asked };
  };
  const watch = async (
    observer: Observer,
    over: { pid?: number | undefined; running?: () => Running | undefined } = {},
  ) => {
    const statement = await statementOf('create index on orders (id);');
    const seen: StatementProgress[] = [];
    const { stop } = watchProgress(observer, 'pid' in over ? over.pid : 7, {
      pace: { ...PACE, now: () => clock },
      running: over.running ?? (() => ({ statement, sinceMs: 0 })),
      waitingFor: () => [],
      onProgress: (progress) => seen.push(progress),
    });
    return { seen, stop };
  };

  it('asks nothing before five seconds, and then every second', async () => {
    const { observer, asked } = server(async () => [building]);
    const { seen, stop } = await watch(observer);
    await advance(4900);
    expect(asked).toEqual([]);
    await advance(3100);
    expect(seen.map((each) => each.elapsedMs)).toEqual([5000, 6000, 7000, 8000]);
    stop();
  });

  it('gives each statement its own five seconds', async () => {
    const { observer } = server(async () => [building]);
    const [first, second] = [await statementOf('vacuum a;'), await statementOf('vacuum b;')];
    const running = (): Running =>
      clock < 7000 ? { statement: first, sinceMs: 0 } : { statement: second, sinceMs: 7000 };
    const { seen, stop } = await watch(observer, { running });
    await advance(13_500);
    expect(seen.map((each) => [each.statement.text, each.elapsedMs])).toEqual([
      ['vacuum a', 5000],
      ['vacuum a', 6000],
      ['vacuum b', 5000],
      ['vacuum b', 6000],
    ]);
    stop();
  });

  it('leaves what is not a statement of a revision alone', async () => {
    const { observer, asked } = server(async () => [building]);
    const { stop } = await watch(observer, {
      running: () => ({ statement: undefined, sinceMs: 0 }),
    });
    await advance(20_000);
    expect(asked).toEqual([]);
    stop();
  });

  it('is silent from the moment on when it is stopped, also with a look under way', async () => {
    let answer: (rows: readonly object[]) => void = () => undefined;
    const { observer, asked } = server(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const { seen, stop } = await watch(observer);
    await advance(5100);
    expect(asked).toHaveLength(1);
    stop();
    answer([building]);
    await advance(20_000);
    expect(seen).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('gone'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('says that the statement runs where looking %s', async (_, answer) => {
    const { observer } = server(answer);
    const { seen, stop } = await watch(observer);
    await advance(30_000);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen[0]).toMatchObject({ phase: undefined, percent: undefined });
    stop();
  });

  it('does not ask again while an answer is outstanding', async () => {
    const { observer, asked } = server(() => new Promise<never>(() => undefined));
    const { stop } = await watch(observer);
    await advance(60_000);
    expect(asked).toHaveLength(1);
    stop();
  });

  it('says that the statement runs where the server process is not known', async () => {
    const { observer, asked } = server(async () => [building]);
    const { seen, stop } = await watch(observer, { pid: undefined });
    await advance(5000);
    expect(seen).toHaveLength(1);
    expect(asked).toEqual([]);
    stop();
  });

  it('spends no more than a part of the time on looks that are slow', async () => {
    const { observer, asked } = server(async () => {
      clock += 300;
      return [building];
    });
    const { stop } = await watch(observer);
    await advance(60_000);
    expect(asked.length).toBeLessThan(12);
    stop();
  });
});

describe('a watch for blockers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  const blocker = (pid: number) => ({ pid, application_name: 'app', state: 'active' });

  it('tells of the same ones at growing intervals, and at once of others', async () => {
    let rows: readonly object[] = [blocker(1)];
    let looks = 0;
    const told: [number, number[]][] = [];
    const observer = {
      query: async () => {
        looks += 1;
        return rows as Awaited<ReturnType<Observer['query']>>;
      },
      close: async () => undefined,
    };
    const onBlocked = (by: readonly SessionInfo[]) => told.push([looks, by.map(({ pid }) => pid)]);
    const watch = watchBlockers(observer, 7, { firstMs: 1000, onBlocked });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual([1, 2, 4, 8, 16].map((look) => [look, [1]]));
    rows = [blocker(1), blocker(2)];
    await vi.advanceTimersByTimeAsync(1000);
    expect(told.at(-1)).toEqual([21, [1, 2]]);
    rows = [];
    await vi.advanceTimersByTimeAsync(1000);
    expect(watch.now).toEqual([]);
    expect(watch.seen.map(({ pid }) => pid)).toEqual([1, 2]);
    watch.stop();
  });
});

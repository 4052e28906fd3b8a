import { describe, expect, it } from 'vitest';
import type { Reporter } from '../../../src/core/events.ts';
import { narrator } from '../../../src/runner/narrator.ts';
import { asksDatabase, onlySql, parseOffline, settleRange } from '../../../src/runner/offline.ts';
import { appliedRow, graph, releaseOf, revision, summaryOf } from '../../support/graph.ts';

const release = releaseOf('a', 'b<-a compatible:no', 'c<-a', 'd<-b,c', 'e depends:b');

/** A database that holds these revisions. */
function holding(...ids: readonly string[]) {
  const { nodes } = graph('a', 'b<-a compatible:no', 'c<-a', 'd<-b,c', 'e depends:b');
  const rows = ids.flatMap((id) => {
    const node = nodes.get(id);
    return node === undefined ? [] : [appliedRow(node)];
  });
  return {
    summary: async () => summaryOf(rows),
    list: async () => rows,
    sources: async () => new Map(),
  };
}

describe('a range of --sql', () => {
  it.each([
    ['upgrade', [], 'base', ['head'], false],
    ['upgrade', ['head'], 'base', ['head'], false],
    ['upgrade', ['a:'], 'a', ['head'], false],
    ['upgrade', [':b'], 'base', ['b'], false],
    ['upgrade', ['a:+1'], 'a', ['+1'], false],
    ['upgrade', ['+1'], 'current', ['+1'], true],
    ['upgrade', ['current:head'], 'current', ['head'], true],
    ['upgrade', ['current'], 'current', ['current'], true],
    ['upgrade', ['base:current'], 'base', ['current'], true],
    ['upgrade', ['-2:d'], '-2', ['d'], true],
    ['downgrade', ['d:base'], 'd', ['base'], false],
    ['downgrade', ['d:-1'], 'd', ['-1'], false],
    ['downgrade', ['-1'], 'current', ['-1'], true],
    ['stamp', ['b', 'c'], 'base', ['b', 'c'], false],
    ['stamp', ['a:b'], 'a', ['b'], false],
  ] as const)('%s %j starts from the right place', (command, texts, start, targets, asks) => {
    const range = parseOffline(command, texts);
    expect(range.start?.text ?? 'base').toBe(start);
    expect(range.targets.map((target) => target.text)).toEqual(targets);
    expect(asksDatabase(range)).toBe(asks);
  });

  it.each([['a'], ['base'], [':base'], ['d:']])(
    'of a downgrade needs both ends, which %j lacks',
    (text) => {
      expect(() => parseOffline('downgrade', [text])).toThrow('takes a range with both ends');
    },
  );

  it.each(['a:b:c', 'a b', 'a:b c'])('that is none is refused: %j', (text) => {
    expect(() => parseOffline('upgrade', [text])).toThrow(
      expect.objectContaining({ code: 'SLIPWAY_TARGET_UNKNOWN' }),
    );
  });

  it('assumes its start and all that this needs, as the files have it', async () => {
    const { start } = await settleRange(release, parseOffline('upgrade', ['e:heads']), undefined);
    const { nodes } = await release.graph();
    const expected = ['a', 'b', 'e'].flatMap((id) => nodes.get(id) ?? []);
    expect((await start.list()).map((row) => row.id)).toEqual(['a', 'b', 'e']);
    expect(await start.summary()).toEqual({
      ...summaryOf(expected.map((node) => appliedRow(node))),
      floor: 'b',
    });
    expect(await start.sources(['b'])).toEqual(
      new Map(expected.map(({ id, source }) => [id, source])),
    );
  });

  it('assumes nothing where it starts from base', async () => {
    const { start } = await settleRange(release, parseOffline('upgrade', []), undefined);
    expect(await start.summary()).toBeUndefined();
    expect(await start.list()).toEqual([]);
  });

  it('takes the rows of the database for current, and its heads for an end', async () => {
    const database = holding('c', 'a');
    const current = await settleRange(release, parseOffline('upgrade', ['current:d']), database);
    expect(current.start).toBe(database);
    const end = await settleRange(release, parseOffline('upgrade', ['a:current']), database);
    expect(end.targets.map((target) => target.text)).toEqual(['c']);
    const nothing = await settleRange(release, parseOffline('stamp', ['a:current']), holding());
    expect(nothing.targets.map((target) => target.text)).toEqual(['base']);
  });

  it('counts a bare start from its end', async () => {
    const range = parseOffline('upgrade', ['-1:c']);
    const { start } = await settleRange(release, range, holding());
    expect((await start.list()).map((row) => row.id)).toEqual(['a']);
  });

  it('is refused where the database has several heads for its end', async () => {
    const range = parseOffline('upgrade', ['a:current']);
    await expect(settleRange(release, range, holding('a', 'b', 'c'))).rejects.toMatchObject({
      code: 'SLIPWAY_USAGE',
      details: { candidates: ['b', 'c'] },
    });
  });

  it('is refused where the database is half way', async () => {
    const half = appliedRow(revision('b<-a'), { state: 'partial' });
    const database = { ...holding('a'), list: async () => [half] };
    const range = parseOffline('upgrade', ['current:head']);
    await expect(settleRange(release, range, database)).rejects.toMatchObject({
      code: 'SLIPWAY_OFFLINE_UNSUPPORTED',
      details: { revision: 'b' },
    });
  });
});

describe('a release for scripts', () => {
  it('has no programs', async () => {
    const sql = revision('a');
    const program = { ...sql, language: 'typescript' as const };
    expect(await onlySql(release).program(sql)).toBeUndefined();
    await expect(onlySql(release).program(program)).rejects.toMatchObject({
      code: 'SLIPWAY_OFFLINE_UNSUPPORTED',
    });
  });
});

describe('the narrator of a script', () => {
  it('writes what comes, tells hazards, and claims nothing that did not happen', () => {
    const page: string[] = [];
    const told: string[] = [];
    const reporter: Reporter = { report: ({ type }) => told.push(type) };
    const narrated = narrator({ comment: (text) => page.push(text) }, reporter, () => 'a.sql');
    narrated.report({ type: 'lock.acquired', waitedMs: 0 });
    narrated.report({
      type: 'hazard.found',
      revision: 'a',
      hazard: 'loses table t',
      location: 'a.sql:3:1',
      class: 'data-loss',
      approvedBy: 'header',
      reason: 'nobody reads it',
    });
    narrated.report({
      type: 'plan.ready',
      direction: 'upgrade',
      revisions: [{ id: 'a', description: 'Drop t' }],
      applied: 0,
    });
    narrated.report({
      type: 'revision.started',
      revision: 'a',
      direction: 'upgrade',
      description: 'Drop t',
      index: 1,
      total: 1,
    });
    narrated.report({
      type: 'revision.applied',
      revision: 'a',
      description: 'Drop t',
      durationMs: 1,
      statements: 1,
      index: 1,
      total: 1,
    });
    expect(told).toEqual(['hazard.found']);
    expect(narrated.revisions).toEqual([{ id: 'a', description: 'Drop t' }]);
    expect(page).toEqual([
      'upgrade a  Drop t',
      'a.sql',
      'hazard: loses table t (a.sql:3:1); approved by header: nobody reads it',
    ]);
  });
});

/** Real Postgres gives the answers that the fake database gives: a history of each shape. */

import { describe, expect, it } from 'vitest';
import type { MigrationDatabase, Release } from '../../src/runner/ports.ts';
import { openHistory } from '../support/history-database.ts';
import { createDatabase } from '../support/postgres.ts';
import { readRecording } from './alembic.ts';
import type { Answer } from './answers.ts';
import { batchesOf } from './cases.ts';
import { compare } from './compare.ts';
import { GRAPHS, type ParityGraph } from './graphs.ts';
import { answersTo, commandOf, type Place, run, upgradeTo, withRelease } from './slipway.ts';

const SHAPES = [
  'a line of three',
  'a labelled line',
  'two heads',
  'two bases',
  'a diamond',
  'a dependency across bases',
];
const shapes = GRAPHS.filter((graph) => SHAPES.includes(graph.name));
const recording = readRecording();

describe.concurrent.each(shapes)('on $name, Postgres', (graph) => {
  it('gives the answers that the fake database gives', async () => {
    const comparisons = await compare(graph, recording.casesOf(graph));
    const answers = await answersOfPostgres(graph);
    expect(answers.map(withoutFolder)).toEqual(
      comparisons.map(({ slipway }) => withoutFolder(slipway)),
    );
    expect(answers.length).toBeGreaterThan(100);
  }, 120_000);
});

describe('the shapes', () => {
  it('are all there', () => {
    expect(shapes.map((graph) => graph.name)).toEqual(SHAPES);
  });
});

async function answersOfPostgres(graph: ParityGraph): Promise<readonly Answer[]> {
  await using database = await createDatabase();
  const history = await openHistory(database.url);
  try {
    return await withRelease(graph, async (release) => {
      const place = placeIn(history.db, release);
      const answers: Answer[] = [];
      for (const batch of batchesOf(graph))
        answers.push(...(await answersTo(batch, release, place)));
      return answers;
    });
  } finally {
    await history.close();
  }
}

/** The way back from a command is the opposite command; a stamp runs nothing, so stamps undo it. */
function placeIn(db: MigrationDatabase, release: Release): Place {
  return {
    async reach(state) {
      await run(db, release, commandOf('downgrade', 'base'));
      await upgradeTo(db, release, state);
      return db;
    },
    async restore({ direction, state }, ran) {
      if (direction === 'stamp') {
        for (const id of ['base', ...state]) await run(db, release, commandOf('stamp', id));
      } else {
        const opposite = direction === 'upgrade' ? 'downgrade' : 'upgrade';
        await run(db, release, { direction: opposite, target: { kind: 'settled', ids: ran } });
      }
      return db;
    },
  };
}

/** Messages name files, and each release has a folder of its own. */
function withoutFolder(answer: Answer): Answer {
  return answer.verdict === 'works'
    ? answer
    : { ...answer, reason: answer.reason.replace(/\S*\/(?=\d\d_\w+\.sql)/g, '') };
}

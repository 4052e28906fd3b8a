/** Puts the two migrators' answers side by side. */

import { fakeServer } from '../support/fake-database.ts';
import type { Answer, AnsweredCase } from './answers.ts';
import { batchesOf } from './cases.ts';
import type { ParityGraph } from './graphs.ts';
import { answersTo, type Place, upgradeTo, withRelease } from './slipway.ts';

/** One case with both answers. */
export interface Comparison extends Omit<AnsweredCase, 'answer'> {
  readonly graph: ParityGraph;
  readonly alembic: Answer;
  readonly slipway: Answer;
}

/** Asks slipway, over databases in memory, what Alembic answered. */
export async function compare(
  graph: ParityGraph,
  recorded: readonly AnsweredCase[],
): Promise<readonly Comparison[]> {
  const answers = await withRelease(graph, async (release) => {
    const reach: Place['reach'] = async (state) => {
      const db = fakeServer().connect();
      await upgradeTo(db, release, state);
      return db;
    };
    const place: Place = { reach, restore: (batch) => reach(batch.state) };
    const results: Answer[] = [];
    for (const batch of batchesOf(graph)) results.push(...(await answersTo(batch, release, place)));
    return results;
  });
  return recorded.map(({ answer, ...question }, index) => {
    const slipway = answers[index];
    if (slipway === undefined) throw new Error(`an answer is missing on "${graph.name}"`);
    return { ...question, graph, alembic: answer, slipway };
  });
}

/** Whether both did the same: the verdict, the revisions that were run, what is applied now. */
export function isSame({ alembic, slipway }: Comparison): boolean {
  if (alembic.verdict === 'refused' || slipway.verdict === 'refused') {
    return alembic.verdict === slipway.verdict;
  }
  return sameSet(alembic.ran, slipway.ran) && sameSet(alembic.applied, slipway.applied);
}

/** Whether both ran several revisions, and in the same order. */
export function ordersOf(all: readonly Comparison[]): {
  readonly several: number;
  readonly equal: number;
} {
  const runs = all.flatMap(({ alembic, slipway }) =>
    alembic.verdict === 'works' && slipway.verdict === 'works' && slipway.ran.length > 1
      ? [alembic.ran.join() === slipway.ran.join()]
      : [],
  );
  return { several: runs.length, equal: runs.filter((equal) => equal).length };
}

/** A comparison in words, for the failure of a test. */
export function inWords({ graph, alembic, slipway, ...asked }: Comparison): string {
  const nodes = graph.nodes.map(({ id, revises, dependsOn, labels }) =>
    [
      `  ${id}`,
      revises.length > 0 ? `revises ${revises.join(', ')}` : '',
      dependsOn.length > 0 ? `depends on ${dependsOn.join(', ')}` : '',
      labels.length > 0 ? `label ${labels.join(', ')}` : '',
    ].join(' '),
  );
  return [
    `${graph.name}: ${asked.direction} "${asked.target}" from [${asked.state.join(', ')}]`,
    ...nodes,
    `  Alembic: ${answerInWords(alembic)}`,
    `  slipway: ${answerInWords(slipway)}`,
  ].join('\n');
}

function answerInWords(answer: Answer): string {
  return answer.verdict === 'refused'
    ? `refused (${answer.kind}) ${answer.reason}`
    : `ran [${answer.ran.join(', ')}], applied [${answer.applied.join(', ')}]`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set(a).symmetricDifference(new Set(b)).size === 0;
}

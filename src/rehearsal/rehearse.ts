/** Rehearses a release: each revision up, down and up again, then all of them together. */

import type { Graph } from '../core/graph.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { allAtOnce, manyRunners } from './all-at-once.ts';
import { startChain } from './chain.ts';
import { chaosOf, chaosPlan } from './chaos.ts';
import type { Runners, ScratchServer } from './ports.ts';
import type { Finding, RehearsalItem, RehearsalReport } from './report.ts';
import { rollout } from './rollout.ts';
import { slots } from './slots.ts';
import { upDownUp } from './up-down-up.ts';

/** What is to be rehearsed, and how. */
export interface RehearsalRequest {
  readonly release: Release;
  /** Revisions that are tried one by one; the others are only applied. */
  readonly selected: ReadonlySet<RevisionId>;
  /** How many processes upgrade one database at once; below 2 none does. */
  readonly runners: number;
  /** At how many places a run is killed: `all`, or so many of them. */
  readonly chaos: 'all' | number;
  /** The release that was out before, for a rollout and a rollback. */
  readonly previous: { readonly name: string; readonly release: Release } | undefined;
}

/** Time, chance, and who wants to know how far it is. */
export interface RehearsalSurroundings {
  now(): number;
  random(): number;
  /** Throws where the process was told to stop. */
  checkStopped(): void;
  onItem(item: RehearsalItem, place: { readonly index: number; readonly total: number }): void;
}

/** Where a rehearsal takes place. */
export interface Stage {
  readonly server: ScratchServer;
  readonly runners: Runners;
}

/**
 * Rehearses. What is wrong with revisions is in the report.
 * @throws SlipwayError for what is wrong with the server, the graph, or ourselves
 */
export async function rehearse(
  stage: Stage,
  request: RehearsalRequest,
  surroundings: RehearsalSurroundings,
): Promise<RehearsalReport> {
  const { server } = stage;
  const { release, selected } = request;
  const start = surroundings.now();
  const graph = await release.graph();
  const items = new Map<RevisionId, RehearsalItem>();
  const total = selected.size;
  const finish = (item: RehearsalItem): void => {
    items.set(item.name, item);
    surroundings.onItem(item, { index: items.size, total });
  };
  const chain = await startChain(server, release, graph);
  const places = slots(server.jobs);
  const chaos = chaosPlan(request.chaos, [...selected], surroundings.random);
  for (const id of graph.order) {
    surroundings.checkStopped();
    const revision = graph.nodes.get(id);
    if (revision === undefined) continue;
    if (chain.isBlocked(id)) {
      if (selected.has(id)) finish(skipped(revision, graph, items));
      continue;
    }
    if (selected.has(id)) {
      await chain.fill();
      await places.run(async () => {
        const begun = surroundings.now();
        const copy = await server.copyOf(chain.database);
        return async () => {
          try {
            const outcome = await upDownUp(copy, release, revision);
            finish(itemOf(revision, outcome, surroundings.now() - begun));
          } finally {
            await copy.drop();
          }
        };
      });
      const wanted = chaos.get(id);
      if (wanted !== undefined) {
        await places.settled();
        const begun = surroundings.now();
        const outcome = await chaosOf(
          { ...stage, base: chain.database, places },
          { release, revision, wanted },
          surroundings,
        );
        const before = items.get(id);
        if (before !== undefined) {
          const item = withChaos(before, outcome, surroundings.now() - begun);
          items.set(id, item);
        }
      }
    }
    const finding = await chain.climb(id);
    if (finding === undefined) continue;
    // The copy says the same, where there is one.
    await places.settled();
    if (items.get(id)?.verdict !== 'failed') {
      finish(itemOf(revision, { done: ['up'], findings: [finding], notes: [] }, 0));
    }
  }
  await places.settled();
  const expected = await chain.database.catalog();
  await chain.database.drop();
  const revisions = graph.order.flatMap((id) => items.get(id) ?? []);
  const context = { ...stage, release, graph, expected };
  const isWhole = revisions.every(
    ({ done, findings }) => !(findings.length > 0 && goesUpBadly(done)),
  );
  const checks: RehearsalItem[] = [];
  const check = async (name: string, description: string, work: () => Promise<Outcome>) => {
    surroundings.checkStopped();
    const begun = surroundings.now();
    const outcome: Outcome | undefined = isWhole ? await work() : undefined;
    const item: RehearsalItem = {
      name,
      description,
      file: undefined,
      done: [],
      findings: outcome?.findings ?? [],
      notes: outcome?.notes ?? ['a revision cannot be applied'],
      verdict:
        outcome === undefined ? 'skipped' : outcome.findings.length > 0 ? 'failed' : 'passed',
      durationMs: surroundings.now() - begun,
    };
    checks.push(item);
    surroundings.onItem(item, { index: total, total });
  };
  await check('all at once', 'from nothing to the heads, down again, and up', () =>
    allAtOnce(context),
  );
  if (request.runners > 1) {
    await check('runners', `${request.runners} processes upgrade one database at once`, () =>
      manyRunners(context, request.runners),
    );
  }
  const { previous } = request;
  if (previous !== undefined) {
    await check('rollout', `from ${previous.name} to this release, back, and on again`, () =>
      rollout(context, previous),
    );
  }
  const all = [...revisions, ...checks];
  return {
    ok: all.every(({ verdict }) => verdict === 'passed'),
    server: server.description,
    revisions,
    checks,
    emptyTables: chain.emptyTables,
    unusedSeeds: chain.unusedSeeds,
    durationMs: surroundings.now() - start,
  };
}

/** What a check found. */
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

function goesUpBadly(done: RehearsalItem['done']): boolean {
  return done.length <= 1;
}

function itemOf(
  revision: Revision,
  outcome: Outcome & Pick<RehearsalItem, 'done'>,
  durationMs: number,
): RehearsalItem {
  return {
    name: revision.id,
    description: revision.description,
    file: revision.file,
    verdict: outcome.findings.length > 0 ? 'failed' : 'passed',
    durationMs,
    ...outcome,
  };
}

function withChaos(item: RehearsalItem, outcome: Outcome, durationMs: number): RehearsalItem {
  const findings = [...item.findings, ...outcome.findings];
  return {
    ...item,
    done: [...item.done, 'chaos'],
    findings,
    notes: [...item.notes, ...outcome.notes],
    verdict: findings.length > 0 ? 'failed' : item.verdict,
    durationMs: item.durationMs + durationMs,
  };
}

function skipped(
  revision: Revision,
  graph: Graph<Revision>,
  items: ReadonlyMap<RevisionId, RehearsalItem>,
): RehearsalItem {
  const needed = [...revision.revises, ...revision.dependsOn];
  const cause = needed.find((id) => items.get(id)?.verdict !== 'passed' && graph.nodes.has(id));
  return {
    name: revision.id,
    description: revision.description,
    file: revision.file,
    verdict: 'skipped',
    done: [],
    findings: [],
    notes: [`not tried: ${cause ?? 'what it needs'} cannot be applied`],
    durationMs: 0,
  };
}

/** Offline mode: where a script starts, where it ends, and what it may hold. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { type AppliedRevision, appliedDigest } from '../core/applied.ts';
import { UsageError } from '../core/errors.ts';
import { withAncestors } from '../core/graph.ts';
import { rangeEnds, resolveTarget } from '../core/resolve.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import {
  HEAD,
  isRange,
  needsDatabase,
  type PointTarget,
  parseRange,
  parseTarget,
} from '../core/target.ts';
import type { AppliedRevisions, Release } from './ports.ts';
import { appliedSet } from './step.ts';
import { wholeGraph } from './whole-graph.ts';

/** From where to where a script goes; an open start is an empty database. */
export interface OfflineRange {
  readonly start: PointTarget | undefined;
  readonly targets: readonly PointTarget[];
}

/** What a database is known or assumed to hold. */
export type History = Pick<AppliedRevisions, 'summary' | 'list' | 'sources'>;

const CURRENT = parseTarget('current');

/**
 * Reads what stands behind `upgrade --sql` and its like.
 * @throws UsageError where a start is needed; GraphError for what is no target
 */
export function parseOffline(
  command: 'upgrade' | 'downgrade' | 'stamp',
  texts: readonly string[],
): OfflineRange {
  const [text] = texts;
  if (text !== undefined && texts.length === 1 && isRange(text)) {
    const { lower, upper } = parseRange(text);
    if (command === 'downgrade' && (lower === undefined || upper === undefined)) throw noStart();
    return { start: lower, targets: [upper ?? HEAD] };
  }
  const targets = texts.length === 0 ? [HEAD] : texts.map(parseTarget);
  if (targets.some(needsDatabase)) return { start: CURRENT, targets };
  if (command === 'downgrade') throw noStart();
  return { start: undefined, targets };
}

function noStart(): UsageError {
  return new UsageError('SLIPWAY_USAGE', 'downgrade --sql takes a range with both ends', {
    hint: 'Write where the script starts and where it ends: slipway downgrade 3f2a:base --sql, or current:-1 to ask the database.',
  });
}

/** Whether only a database can say what the range means. */
export function asksDatabase({ start, targets }: OfflineRange): boolean {
  if (start !== undefined && needsDatabase(start)) return true;
  return targets.some((target) => target.symbol === 'current');
}

/**
 * What the script assumes the database to hold, and its targets as they count from there. `database`
 * is what the database holds, where it was asked.
 * @throws GraphError as `resolveTarget`; UsageError `SLIPWAY_OFFLINE_UNSUPPORTED`
 */
export async function settleRange(
  release: Release | undefined,
  range: OfflineRange,
  database: History | undefined,
): Promise<{ readonly start: History; readonly targets: readonly PointTarget[] }> {
  const rows = (await database?.list()) ?? [];
  const half = rows.find((row) => row.state === 'partial');
  if (half !== undefined) throw halfApplied(half);
  const { start, targets } = range;
  if (database !== undefined && start?.text === CURRENT.text) return { start: database, targets };
  const files = await release?.graph();
  const graph = wholeGraph(rows, files);
  const applied = database === undefined ? undefined : new Set(rows.map((row) => row.id));
  const [upper] = targets;
  const end = upper?.symbol === undefined ? undefined : upper;
  const lower =
    start === undefined
      ? []
      : rangeEnds(graph, { text: '', lower: start, upper: end }, applied).lower;
  const settled = targets.map((target) => {
    if (target.symbol !== 'current') return target;
    const ids = resolveTarget(graph, target, applied);
    if (ids.length > 1) throw severalEnds(ids);
    return parseTarget(ids[0] ?? 'base');
  });
  return { start: await assume(release, lower), targets: settled };
}

/** The history of a database that has `heads` and what they need, as this release would apply it. */
async function assume(
  release: Release | undefined,
  heads: readonly RevisionId[],
): Promise<History> {
  const graph = await release?.graph();
  const rows: AppliedRevision[] = [];
  const sources = new Map<RevisionId, string>();
  if (release !== undefined && graph !== undefined) {
    const ids = withAncestors(graph, heads);
    for (const id of graph.order) {
      const revision = graph.nodes.get(id);
      if (revision === undefined || !ids.has(id)) continue;
      rows.push(assumedRow(revision, await release.script(revision, 'up')));
      sources.set(id, revision.source);
    }
  }
  const summary = appliedSet(rows, appliedDigest(rows)).unchanged().after;
  return {
    summary: async () => (rows.length === 0 ? undefined : summary),
    list: async () => rows,
    sources: async () => sources,
  };
}

function assumedRow(
  revision: Revision,
  up: Parameters<typeof compatibilityOf>[1],
): AppliedRevision {
  const { id, revises, dependsOn, labels, description, phase, checksum, file, irreversible } =
    revision;
  return {
    id,
    revises,
    dependsOn,
    labels,
    description,
    phase,
    checksum,
    file,
    irreversible,
    compatibility: compatibilityOf(revision, up),
    state: 'applied',
    stamped: false,
    appliedAt: '',
    durationMs: 0,
    role: '',
    provenance: {
      pod: undefined,
      namespace: undefined,
      node: undefined,
      image: undefined,
      release: undefined,
      version: '',
    },
  };
}

/** The release without programs: a TypeScript revision that is about to be scripted is refused. */
export function onlySql(release: Release): Release {
  return {
    ...release,
    async program({ language, id, file }) {
      if (language !== 'typescript') return undefined;
      throw new UsageError(
        'SLIPWAY_OFFLINE_UNSUPPORTED',
        `revision "${id}" (${file}) is a program, so there is no SQL of it to write down`,
        {
          hint: 'Write a script up to the revision before it, apply this one without --sql, and write another script for the rest.',
          details: { revision: id, file },
        },
      );
    },
  };
}

function halfApplied({ id }: AppliedRevision): UsageError {
  return new UsageError(
    'SLIPWAY_OFFLINE_UNSUPPORTED',
    `revision "${id}" is half applied, and a script cannot find out what became of it`,
    { hint: 'slipway upgrade or slipway downgrade finishes it.', details: { revision: id } },
  );
}

function severalEnds(ids: readonly RevisionId[]): UsageError {
  return new UsageError('SLIPWAY_USAGE', `the database has several heads: ${ids.join(', ')}`, {
    hint: 'Name one of them as the end of the range.',
    details: { candidates: ids },
  });
}

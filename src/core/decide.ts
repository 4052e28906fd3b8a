/** Decides what an upgrade has to do: nothing, run a plan, start although the database is ahead, or refuse. */

import { breakingOf } from './ahead.ts';
import { type AppliedRevision, compareApplied } from './applied.ts';
import { MismatchError } from './errors.ts';
import type { Graph } from './graph.ts';
import { type PhaseChoice, type Plan, planUpgrade } from './plan.ts';
import type { Revision, RevisionId } from './revision.ts';
import type { Target } from './target.ts';

/** `downgrade` is for a pod that a rollback started (runner/ahead-downgrade.ts); here it refuses. */
export type OnAhead = 'refuse' | 'downgrade' | 'ignore';

export type Decision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'run'; readonly plan: Plan }
  | {
      readonly kind: 'ahead';
      readonly policy: 'compatible' | 'ignored';
      readonly unknown: readonly AppliedRevision[];
    };

export interface UpgradeRequest {
  readonly target: Target;
  readonly phase: PhaseChoice;
  readonly onAhead: OnAhead;
}

/**
 * What an upgrade to `request.target` has to do, given what is applied.
 * @throws MismatchError `SLIPWAY_APPLIED_CHECKSUM_CHANGED`, `SLIPWAY_HISTORY_DIVERGED`,
 * `SLIPWAY_SCHEMA_AHEAD`
 * @throws GraphError as `planUpgrade`
 */
export function decideUpgrade(
  graph: Graph<Revision>,
  applied: readonly AppliedRevision[],
  request: UpgradeRequest,
): Decision {
  const comparison = compareApplied(graph, applied);
  const [changed] = comparison.changed.filter((row) => row.state === 'applied');
  if (changed !== undefined) throw checksumChanged(changed, graph.nodes.get(changed.id));
  switch (comparison.relation) {
    case 'diverged':
      // What the expand phase leaves for later is no sign of another history.
      if (request.phase === 'expand' && comparison.pending.every(isContract(graph))) {
        return decideAhead(graph, comparison.unknown, request.onAhead);
      }
      throw diverged(graph, comparison.pending, comparison.unknown);
    case 'ahead':
      return decideAhead(graph, comparison.unknown, request.onAhead);
    default: {
      const plan = planUpgrade(graph, appliedIds(applied), request);
      return plan.steps.length === 0 ? { kind: 'nothing' } : { kind: 'run', plan };
    }
  }
}

function isContract(graph: Graph<Revision>): (id: RevisionId) => boolean {
  return (id) => graph.nodes.get(id)?.phase === 'contract';
}

function appliedIds(applied: readonly AppliedRevision[]): ReadonlySet<RevisionId> {
  return new Set(applied.filter((row) => row.state === 'applied').map((row) => row.id));
}

function decideAhead(
  graph: Graph<Revision>,
  unknown: readonly AppliedRevision[],
  onAhead: OnAhead,
): Decision {
  const breaking = breakingOf(unknown);
  const [first] = breaking;
  if (first === undefined) return { kind: 'ahead', policy: 'compatible', unknown };
  if (onAhead === 'ignore') return { kind: 'ahead', policy: 'ignored', unknown };
  throw schemaAhead(graph, unknown, [first, ...breaking.slice(1)]);
}

function schemaAhead(
  graph: Graph<Revision>,
  unknown: readonly AppliedRevision[],
  breaking: readonly [AppliedRevision, ...AppliedRevision[]],
): MismatchError {
  const [first] = breaking;
  const rollback =
    graph.heads.length > 1
      ? 'slipway rollback'
      : `slipway rollback --to ${graph.heads[0] ?? 'base'}`;
  const others = breaking.length - 1;
  return new MismatchError(
    'SLIPWAY_SCHEMA_AHEAD',
    `the database is ahead of this release and revision "${first.id}" (${first.description}) breaks it: ${first.compatibility.reason}${others === 0 ? '' : `; ${count(others, 'other')} after it as well`}`,
    {
      hint: `Deploy ${origin(first)} or later again, or take the database back to this release with the down SQL that it keeps: ${rollback} (--dry-run shows it first).`,
      details: {
        revision: first.id,
        file: first.file,
        description: first.description,
        reason: first.compatibility.reason,
        appliedAt: first.appliedAt,
        appliedBy: describeOrigin(first),
        floor: breaking.at(-1)?.id,
        breaking: breaking.map((row) => row.id),
        unknown: unknown.map((row) => row.id),
        releaseHeads: graph.heads,
      },
    },
  );
}

function diverged(
  graph: Graph<Revision>,
  pending: readonly string[],
  unknown: readonly AppliedRevision[],
): MismatchError {
  const [first] = unknown;
  return new MismatchError(
    'SLIPWAY_HISTORY_DIVERGED',
    `the database has ${count(unknown.length, 'revision')} that this release does not know (${shorten(unknown.map((row) => row.id))}), and lacks ${count(pending.length, 'revision')} of this release (${shorten(pending)})`,
    {
      hint:
        first === undefined
          ? undefined
          : `"${first.id}" was applied ${first.appliedAt} by ${describeOrigin(first)}: bring its file into this release, or downgrade the database below it.`,
      details: {
        unknown: unknown.map((row) => row.id),
        pending: [...pending],
        releaseHeads: graph.heads,
      },
    },
  );
}

function checksumChanged(row: AppliedRevision, file: Revision | undefined): MismatchError {
  return new MismatchError(
    'SLIPWAY_APPLIED_CHECKSUM_CHANGED',
    `revision "${row.id}" was changed after it was applied${file === undefined ? '' : ` (${file.file})`}`,
    {
      hint: `Put the file back as it was (slipway show ${row.id} --applied prints it) and write the change as a new revision; slipway repair ${row.id} shows the difference and can accept it.`,
      details: {
        revision: row.id,
        file: file?.file,
        appliedAt: row.appliedAt,
        appliedBy: describeOrigin(row),
        appliedChecksum: row.checksum,
        fileChecksum: file?.checksum,
      },
    },
  );
}

/** Who applied a revision, in words. */
export function describeOrigin(row: AppliedRevision): string {
  const { pod, namespace, image, release } = row.provenance;
  const who = pod === undefined ? `role ${row.role}` : `pod ${namespace ?? 'default'}/${pod}`;
  const what =
    release === undefined || image === undefined ? (release ?? image) : `${release} (${image})`;
  return what === undefined ? who : `${who} of ${what}`;
}

function origin(row: AppliedRevision): string {
  return row.provenance.release ?? row.provenance.image ?? 'the release that has it';
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function shorten(ids: readonly string[]): string {
  return ids.length <= 3
    ? ids.join(', ')
    : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}

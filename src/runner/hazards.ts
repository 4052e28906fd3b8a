/** Finds what may hurt in the steps of a run, from their facts and from the sizes of live tables. */

import { formatBytes } from '../core/bytes.ts';
import type { HazardClass } from '../core/hazards.ts';
import {
  blocksWrites,
  holdsOn,
  lockOn,
  type NamedRelation,
  namedRelation,
  type RelationWork,
  relationKey,
  type WorkKind,
} from '../core/locks.ts';
import type { Statement } from '../core/revision.ts';
import type { LiveRelation, LiveTables } from './ports.ts';
import type { Step } from './step.ts';

/** Something that may hurt, and where. */
export interface Hazard {
  readonly class: HazardClass;
  readonly step: Step;
  /** Undefined where it is the revision as a whole. */
  readonly statement: Statement | undefined;
  /** `migrations/1_a.sql:7:1`. */
  readonly location: string;
  /** What it does: `drops column users.phone, which …`, `column users.phone` for what is lost. */
  readonly text: string;
}

/** What is known of the tables. */
export interface Sizes {
  readonly live: LiveTables;
  /** Work on tables that are smaller is no hazard. */
  readonly hazardBytes: number;
}

/** The hazards of all steps, in their order; asks the database only where sizes decide. */
export async function hazardsOf(steps: readonly Step[], sizes: Sizes): Promise<readonly Hazard[]> {
  const { major } = sizes.live;
  const work = steps.flatMap((step) =>
    step.script.statements.flatMap((statement) =>
      heavyWork(statement, major).map((each) => ({ step, statement, work: each })),
    ),
  );
  const relations =
    work.length === 0 ? undefined : await sizes.live.relations(distinct(work.map((w) => w.work)));
  const heavy = work.flatMap((each) => workHazard(each, relations, sizes) ?? []);
  return steps.flatMap((step) => [
    ...lossHazards(step),
    ...compatibilityHazards(step),
    ...heavy.filter((hazard) => hazard.step === step),
  ]);
}

/** What of a statement's work makes others wait, or is one long statement itself. */
export function heavyWork(statement: Statement, major: number): readonly RelationWork[] {
  const { work, locks } = statement.facts;
  return work.filter((each) => {
    if (each.isNew || !holdsOn(each, major)) return false;
    if (each.kind === 'write rows') return statement.backfill === undefined;
    const mode = lockOn(locks, each, major);
    return mode === undefined || blocksWrites(mode);
  });
}

function distinct(relations: readonly NamedRelation[]): readonly NamedRelation[] {
  return [...new Map(relations.map((each) => [relationKey(each), each])).values()];
}

const CLASSES: { readonly [K in WorkKind]: HazardClass } = {
  rewrite: 'rewrite',
  scan: 'scan',
  'build index': 'index-build',
  'write rows': 'bulk-write',
};

const VERBS: { readonly [K in WorkKind]: string } = {
  rewrite: 'rewrites',
  scan: 'reads all of',
  'build index': 'builds an index on',
  'write rows': 'changes rows all over',
};

function workHazard(
  {
    step,
    statement,
    work,
  }: { readonly step: Step; readonly statement: Statement; readonly work: RelationWork },
  relations: readonly LiveRelation[] | undefined,
  { live, hazardBytes }: Sizes,
): Hazard | undefined {
  const key = relationKey(work);
  const found = relations?.filter((each) => relationKey(each) === key);
  const bytes = found?.reduce((sum, each) => sum + each.bytes, 0);
  // What is not there yet is created by this run, and as small as the run makes it.
  if (bytes !== undefined && (found?.length === 0 || bytes < hazardBytes)) return undefined;
  const size = bytes === undefined ? '' : ` (${formatBytes(bytes)})`;
  const mode = lockOn(statement.facts.locks, work, live.major);
  const under = mode === undefined || work.kind === 'write rows' ? '' : ` under ${mode}`;
  return {
    class: CLASSES[work.kind],
    text: `${VERBS[work.kind]} ${namedRelation(work)}${size}${under}: ${work.reason}`,
    ...at(step, statement),
  };
}

function lossHazards(step: Step): readonly Hazard[] {
  return step.script.statements.flatMap((statement) =>
    statement.facts.dataLoss.map((text) => ({
      class: 'data-loss' as const,
      text,
      ...at(step, statement),
    })),
  );
}

/** The header's word counts for the whole revision. A downgrade is for code that knew the way back. */
function compatibilityHazards(step: Step): readonly Hazard[] {
  const { revision, script, compatibility, direction } = step;
  if (direction === 'downgrade' || revision.compatible?.verdict === 'yes') return [];
  const broken = script.statements.flatMap((statement): Hazard[] => {
    const { verdict, reason } = statement.facts.compatibility;
    if (verdict === 'yes' || (verdict === 'unknown' && revision.compatible !== undefined)) {
      return [];
    }
    return [
      {
        class: verdict === 'no' ? 'breaking' : 'unknown',
        text: reason,
        ...at(step, statement),
      },
    ];
  });
  const isSaid = broken.length > 0 || compatibility.verdict === 'yes';
  if (isSaid || (script.statements.length > 0 && revision.compatible === undefined)) return broken;
  return [
    {
      class: compatibility.verdict === 'no' ? 'breaking' : 'unknown',
      text: compatibility.reason,
      ...at(step, undefined),
    },
  ];
}

function at(
  step: Step,
  statement: Statement | undefined,
): Pick<Hazard, 'step' | 'statement' | 'location'> {
  const { file } = step.revision;
  const place = statement === undefined ? '' : `:${statement.line}:${statement.column}`;
  return { step, statement, location: `${file}${place}` };
}

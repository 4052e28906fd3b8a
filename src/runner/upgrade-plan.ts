/** What an upgrade would do to this database now: locks, work, who is in the way, what the gate says. */

import type { SlipwayError } from '../core/errors.ts';
import { RunError } from '../core/errors.ts';
import { estimateMs } from '../core/estimate.ts';
import type { SessionInfo } from '../core/events.ts';
import {
  conflict,
  holdsOn,
  type LockMode,
  type NamedRelation,
  namedRelation,
  relationKey,
  type WorkKind,
} from '../core/locks.ts';
import type { Compatibility, RevisionId, Statement } from '../core/revision.ts';
import { type GatePolicy, type Judgement, judge, judgementOf, SILENT } from './gate.ts';
import { type Hazard, hazardsOf } from './hazards.ts';
import { readTogether } from './in-context.ts';
import { planWarnings } from './plan-warnings.ts';
import type {
  LiveConditions,
  LiveDatabase,
  LiveRelation,
  LockHolder,
  MigrationDatabase,
  Release,
} from './ports.ts';
import { previewUpgrade } from './preview.ts';
import type { Step } from './step.ts';
import type { UpgradeOptions } from './upgrade.ts';

/** The plan, as `slipway plan --json` shows it. */
export interface UpgradePlan {
  /** Where the database is. */
  readonly heads: readonly RevisionId[];
  /** The database has all of the release and more, and code of the release may start. */
  readonly ahead: boolean;
  readonly revisions: readonly PlannedRevision[];
  readonly conditions: LiveConditions;
  /** What somebody should know before, in sentences. */
  readonly warnings: readonly string[];
  /** What `upgrade` would refuse now; undefined: nothing. */
  readonly refusal: SlipwayError | undefined;
  /** Time of all work, as estimated from sizes. */
  readonly estimateMs: number;
}

/** A revision of the plan. */
export interface PlannedRevision {
  readonly id: RevisionId;
  readonly description: string;
  readonly file: string;
  readonly phase: 'expand' | 'contract';
  readonly transaction: 'one' | 'none';
  readonly language: 'sql' | 'typescript';
  readonly compatibility: Compatibility;
  readonly statements: readonly PlannedStatement[];
  /** Those of the revision as a whole. */
  readonly hazards: readonly PlannedHazard[];
}

/** A statement of the plan. */
export interface PlannedStatement {
  readonly line: number;
  readonly column: number;
  readonly command: string;
  readonly sql: string;
  readonly backfill: boolean;
  /** It may take other locks and do other work than those that are listed. */
  readonly opaque: boolean;
  readonly locks: readonly PlannedLock[];
  readonly work: readonly PlannedWork[];
  readonly hazards: readonly PlannedHazard[];
  readonly blockers: readonly PlannedBlocker[];
}

/** A table of the live database. */
export interface PlannedTable {
  /** As the database has it, or as the statement leads to it where the database has none. */
  readonly relation: string;
  /** This run creates it. */
  readonly isNew: boolean;
  readonly bytes: number | undefined;
  readonly indexBytes: number | undefined;
  readonly rows: number | undefined;
}

/** A lock that a statement takes. */
export interface PlannedLock extends PlannedTable {
  readonly mode: LockMode;
}

/** Work that grows with a table. */
export interface PlannedWork extends PlannedTable {
  readonly kind: WorkKind;
  readonly reason: string;
  /** Undefined where no size is known. */
  readonly estimateMs: number | undefined;
}

/** A hazard, and what becomes of it. */
export interface PlannedHazard {
  readonly class: Hazard['class'];
  readonly hazard: string;
  readonly judgement: Judgement['kind'];
  /** Why it was approved. */
  readonly reason: string | undefined;
}

/** A session whose lock a statement would wait for. */
export interface PlannedBlocker {
  readonly relation: string;
  readonly holds: LockMode;
  readonly wanted: LockMode;
  readonly session: SessionInfo;
}

/**
 * Plans as `upgrade` does, and looks at the live tables. Writes nothing and takes no lock that
 * anybody would notice.
 * @throws MismatchError, GraphError as `upgrade`
 */
export async function planUpgradeNow(
  db: MigrationDatabase,
  live: LiveDatabase,
  release: Release,
  options: UpgradeOptions,
): Promise<UpgradePlan> {
  const preview = await previewUpgrade(db, release, options);
  const steps = await readTogether(preview.steps);
  const hazards = await hazardsOf(steps, { live, hazardBytes: options.gate.hazardBytes });
  const tables = await tablesOf(steps, live);
  const holders = await live.lockHolders(tables.all.map(({ oid }) => oid));
  const conditions = await live.conditions();
  const look: Look = { tables, holders, hazards, gate: options.gate, major: live.major };
  const revisions = steps.map((step) => plannedRevision(step, look));
  const work = revisions.flatMap(({ statements }) => statements.flatMap((each) => each.work));
  return {
    heads: preview.heads,
    ahead: preview.ahead,
    revisions,
    conditions,
    warnings: planWarnings(steps, conditions, work),
    refusal: await refusalOf(steps, options.gate, live),
    estimateMs: work.reduce((sum, each) => sum + (each.estimateMs ?? 0), 0),
  };
}

interface Look {
  readonly tables: Tables;
  readonly holders: readonly LockHolder[];
  readonly hazards: readonly Hazard[];
  readonly gate: GatePolicy;
  readonly major: number;
}

interface Tables {
  readonly all: readonly LiveRelation[];
  of(name: NamedRelation): readonly LiveRelation[];
}

async function tablesOf(steps: readonly Step[], live: LiveDatabase): Promise<Tables> {
  const names = new Map<string, NamedRelation>();
  for (const { script } of steps) {
    for (const { facts } of script.statements) {
      for (const each of [...facts.locks, ...facts.work]) {
        if (!each.isNew) names.set(relationKey(each), each);
      }
    }
  }
  const all = names.size === 0 ? [] : ((await live.relations([...names.values()])) ?? []);
  const byName = Map.groupBy(all, relationKey);
  return { all, of: (name) => byName.get(relationKey(name)) ?? [] };
}

function plannedRevision(step: Step, look: Look): PlannedRevision {
  const { revision, script, compatibility } = step;
  return {
    id: revision.id,
    description: revision.description,
    file: revision.file,
    phase: revision.phase,
    transaction: revision.transaction,
    language: revision.language,
    compatibility,
    statements: script.statements.map((statement) => plannedStatement(step, statement, look)),
    hazards: plannedHazards(step, undefined, look),
  };
}

function plannedStatement(step: Step, statement: Statement, look: Look): PlannedStatement {
  const { facts, line, column, command, text, backfill } = statement;
  const locks = facts.locks.filter((each) => holdsOn(each, look.major));
  return {
    line,
    column,
    command,
    sql: text,
    backfill: backfill !== undefined,
    opaque: facts.opaque === true,
    locks: locks.flatMap((lock) =>
      plannedTables(lock, look).map((table) => ({ ...table, mode: lock.mode })),
    ),
    work: facts.work
      .filter((each) => holdsOn(each, look.major))
      .flatMap((work) =>
        plannedTables(work, look).map((table) => ({
          ...table,
          kind: work.kind,
          reason: work.reason,
          estimateMs: timeOf(work.kind, table),
        })),
      ),
    hazards: plannedHazards(step, statement, look),
    blockers: locks.flatMap((lock) =>
      look.tables
        .of(lock)
        .flatMap(({ oid, relation }) =>
          look.holders
            .filter((held) => held.oid === oid && held.granted && conflict(held.mode, lock.mode))
            .map(({ mode, session }) => ({ relation, holds: mode, wanted: lock.mode, session })),
        ),
    ),
  };
}

/** What a statement leads to and the database has not got yet is created by this run. */
function plannedTables(
  name: NamedRelation & { readonly isNew: boolean },
  { tables }: Look,
): readonly PlannedTable[] {
  const found = name.isNew ? [] : tables.of(name);
  if (found.length > 0) {
    return found.map(({ relation, bytes, indexBytes, rows }) => ({
      ...{ relation, bytes, indexBytes, rows },
      isNew: false,
    }));
  }
  if (name.target !== 'relation') return [];
  const unknown = { bytes: undefined, indexBytes: undefined, rows: undefined };
  return [{ relation: namedRelation(name), isNew: true, ...unknown }];
}

function timeOf(kind: WorkKind, { bytes, indexBytes }: PlannedTable): number | undefined {
  return bytes === undefined || indexBytes === undefined
    ? undefined
    : estimateMs(kind, { bytes, indexBytes });
}

function plannedHazards(
  step: Step,
  statement: Statement | undefined,
  { hazards, gate }: Look,
): readonly PlannedHazard[] {
  return hazards
    .filter((hazard) => hazard.step === step && hazard.statement === statement)
    .map((hazard) => {
      const judgement = judgementOf(hazard, gate);
      return {
        class: hazard.class,
        hazard: hazard.class === 'data-loss' ? `loses ${hazard.text}` : hazard.text,
        judgement: judgement.kind,
        reason: judgement.kind === 'approved' ? judgement.reason : undefined,
      };
    });
}

async function refusalOf(
  steps: readonly Step[],
  gate: GatePolicy,
  live: LiveDatabase,
): Promise<SlipwayError | undefined> {
  try {
    await judge(steps, gate, { reporter: SILENT, live });
    return undefined;
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

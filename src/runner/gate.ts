/** Judges hazards before anything runs (DESIGN §6.9): lost data needs a word from a person. */

import { RunError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { RevisionId, Statement } from '../core/revision.ts';
import type { Step } from './step.ts';

export interface GatePolicy {
  /** What to do about hazards other than data loss. */
  readonly hazards: 'warn' | 'refuse';
  /** Revisions whose data loss was approved outside their file, and how. */
  readonly approvals: ReadonlySet<RevisionId>;
  readonly approvedBy: 'environment' | 'flag';
  /** `--allow-data-loss`: for downgrades, which have no header of their own. */
  readonly allowDataLoss: boolean;
}

/** For a judgement before the lock, whose findings are told under it. */
export const SILENT: Reporter = { report: () => undefined };

interface Hazard {
  readonly step: Step;
  readonly statement: Statement;
  readonly location: string;
  readonly text: string;
}

/**
 * Reports the hazards of `steps` and returns the steps with their approvals noted.
 * @throws RunError `SLIPWAY_NEEDS_APPROVAL`, `SLIPWAY_HAZARD_REFUSED`; nothing has run then
 */
export function judge(
  steps: readonly Step[],
  policy: GatePolicy,
  reporter: Reporter,
): readonly Step[] {
  const refused = policy.hazards === 'refuse' ? steps.flatMap(otherHazards)[0] : undefined;
  if (refused !== undefined) throw hazardRefused(refused);
  return steps.map((step) => {
    for (const hazard of otherHazards(step)) {
      reporter.report({
        type: 'hazard.found',
        revision: step.revision.id,
        hazard: hazard.text,
        location: hazard.location,
        approvedBy: undefined,
        reason: undefined,
      });
    }
    const losses = dataLosses(step);
    const [first] = losses;
    if (first === undefined) return step;
    const approvedBy = approvalOf(step, policy);
    if (approvedBy === undefined) throw needsApproval(first, losses);
    for (const hazard of losses) {
      reporter.report({
        type: 'hazard.found',
        revision: step.revision.id,
        hazard: `loses ${hazard.text}`,
        location: hazard.location,
        approvedBy,
        reason: approvedBy === 'header' ? step.revision.approvedDataLoss : undefined,
      });
    }
    return { ...step, approvedBy };
  });
}

function approvalOf(step: Step, policy: GatePolicy): Step['approvedBy'] {
  if (step.direction === 'downgrade') return policy.allowDataLoss ? 'flag' : undefined;
  if (step.revision.approvedDataLoss !== undefined) return 'header';
  return policy.approvals.has(step.revision.id) ? policy.approvedBy : undefined;
}

function dataLosses(step: Step): readonly Hazard[] {
  return step.script.statements.flatMap((statement) =>
    statement.facts.dataLoss.map((text) => hazardAt(step, statement, text)),
  );
}

function otherHazards(step: Step): readonly Hazard[] {
  if (step.direction === 'downgrade' || step.revision.compatible?.verdict === 'yes') return [];
  return step.script.statements
    .filter((statement) => statement.facts.compatibility.verdict === 'no')
    .map((statement) => hazardAt(step, statement, statement.facts.compatibility.reason));
}

function hazardAt(step: Step, statement: Statement, text: string): Hazard {
  const { file } = step.revision;
  return { step, statement, text, location: `${file}:${statement.line}:${statement.column}` };
}

function needsApproval(first: Hazard, losses: readonly Hazard[]): RunError {
  const { revision, direction } = first.step;
  return new RunError(
    'SLIPWAY_NEEDS_APPROVAL',
    `revision "${revision.id}" would lose ${losses.map((l) => l.text).join(', ')} (${first.location})`,
    {
      hint:
        direction === 'downgrade'
          ? 'Nothing was run. Back up first, then allow it with --allow-data-loss.'
          : `Nothing was run. Write "-- slipway:approve data-loss <reason>" into the header of ${revision.file}, or set SLIPWAY_APPROVE=${revision.id}.`,
      details: {
        revision: revision.id,
        file: revision.file,
        line: first.statement.line,
        column: first.statement.column,
        losses: losses.map((l) => l.text),
      },
    },
  );
}

function hazardRefused(hazard: Hazard): RunError {
  const { revision } = hazard.step;
  return new RunError(
    'SLIPWAY_HAZARD_REFUSED',
    `revision "${revision.id}" is refused by policy: ${hazard.text} (${hazard.location})`,
    {
      hint: `Nothing was run. Split the change into an expand and a contract revision, say "-- slipway:compatible yes <reason>" in the header, or set hazards to warn.`,
      details: {
        revision: revision.id,
        file: revision.file,
        line: hazard.statement.line,
        column: hazard.statement.column,
        hazard: hazard.text,
      },
    },
  );
}

/** Whether a statement can harm code of the previous release, and what of it is new. */

import { isNewRelation, newColumn } from '../analysis/created.ts';
import type { Body } from '../analysis/tree.ts';
import type { HazardClass } from '../core/hazards.ts';
import type { Revision } from '../core/revision.ts';
import type { LintedStatement, RuleContext } from './rule.ts';

/**
 * Whether code of the previous release runs beside this statement's effect: not in a contract
 * revision, and not where the header vouches for it or accepts the harm.
 */
export function meetsOldCode({ revision, section }: LintedStatement): boolean {
  return (
    section === 'up' &&
    revision.phase !== 'contract' &&
    revision.compatible?.verdict !== 'yes' &&
    approvalOf(revision, 'breaking') === undefined
  );
}

/** Whether a statement breaks code of the previous release that still runs. */
export function breaksOldCode(statement: LintedStatement): boolean {
  return meetsOldCode(statement) && statement.statement.facts.compatibility.verdict === 'no';
}

/** The reason for which the header of a revision accepts a hazard. */
export function approvalOf({ approvals }: Revision, hazard: HazardClass): string | undefined {
  return approvals.find((each) => each.hazard === hazard)?.reason;
}

/** Whether a column, or its whole table, came with this release. */
export function isNewColumn(
  { created }: RuleContext,
  relation: Body<'RangeVar'> | undefined,
  column: string | undefined,
): boolean {
  return isNewRelation(created, relation) || newColumn(created, relation, column) !== undefined;
}

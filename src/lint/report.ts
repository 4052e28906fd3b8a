/** What a lint run has to say, in the form that all its reports are made from. */

import type { Compatibility, RevisionId } from '../core/revision.ts';
import type { Finding } from './finding.ts';
import type { Severity } from './rule.ts';
import type { ActiveRule } from './sieve.ts';

/**
 * A finding; or a file that cannot be linted, whose `rule` is then the code of the error and whose
 * revision may be unknown.
 */
export interface ReportItem extends Omit<Finding, 'revision'> {
  readonly revision: RevisionId | undefined;
}

/** Whether code of the previous release keeps working after a revision. */
export interface RevisionVerdict {
  readonly revision: RevisionId;
  readonly file: string;
  readonly compatible: Compatibility['verdict'];
  readonly reason: string;
  /** Of the statement that decided; undefined where the header did, or none. */
  readonly line: number | undefined;
}

/** Corrections that were written into a file. */
export interface FixedFile {
  readonly file: string;
  /** Ids of the rules, each as often as it was followed. */
  readonly rules: readonly string[];
}

/** What a report is made from. */
export interface LintAnswer {
  readonly items: readonly ReportItem[];
  /** Of the revisions that were linted, in their order. */
  readonly verdicts: readonly RevisionVerdict[];
  /** How many revisions were linted. */
  readonly revisions: number;
  /** How many were passed over, since they are programs. */
  readonly programs: number;
  readonly fixed: readonly FixedFile[];
  /** The rules that were switched on. */
  readonly rules: readonly ActiveRule[];
  /** The text of each file, as it was linted. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Writes a path as the reader of a report knows it: from the root of the repository, with slashes. */
export type PathFromRoot = (file: string) => string;

/** How many items have the severity. */
export function countOf(items: readonly ReportItem[], severity: Severity): number {
  return items.filter((item) => item.severity === severity).length;
}

/** `3 errors`, `1 warning`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A finding as it is reported: a rule's problem with its place in a file. */

import type { RevisionId } from '../core/revision.ts';
import type { Edit, Severity } from './rule.ts';

/** What a rule found in a file. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence without a period. */
  readonly message: string;
  readonly why: string | undefined;
  /** The safe way in SQL. */
  readonly rewrite: string | undefined;
  /** Edits that `--fix` makes; empty where a person has to do it. */
  readonly fix: readonly Edit[];
  readonly revision: RevisionId;
  /** Path as shown to people. */
  readonly file: string;
  /** Line and column, counted from 1, in characters. */
  readonly line: number;
  readonly column: number;
  /** The line with a caret under the column. */
  readonly excerpt: string;
}

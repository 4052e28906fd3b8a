/** What a lint rule is, and what it is shown. */

import type { CreatedObjects } from '../analysis/created.ts';
import type { Node } from '../analysis/tree.ts';
import type { Revision, Statement } from '../core/revision.ts';
import type { Deparser } from '../sql/deparse.ts';
import type { SectionName } from '../sql/directives.ts';

/** How bad a finding is: an `error` makes `slipway lint` end with exit code 15. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
/** How bad a finding is. */
export type Severity = (typeof SEVERITIES)[number];

/** A rule, with its page. */
export interface Rule {
  /** Kebab case; what `ignore` and the configuration name. */
  readonly id: string;
  /** Unless the configuration says otherwise; `off` for matters of taste. */
  readonly severity: Severity | 'off';
  /** One line for lists: what it finds. */
  readonly title: string;
  /** For its page, in Markdown: why it hurts, which lock is held, for how long, what breaks. */
  readonly why: string;
  /** For its page, in Markdown: what to do instead, where the example does not say it all. */
  readonly instead?: string;
  /** Files or statements that are found, and the form that the rule asks for: both are tested. */
  readonly examples: readonly Example[];
  /** Rules of other tools that it covers: `squawk:ban-drop-column`, `atlas:DS103`. */
  readonly covers: readonly string[];
  /** Stands back where another rule has found something in the same statement already. */
  readonly isLastResort?: true;
  /** Looks at one statement. */
  readonly statement?: (statement: LintedStatement, context: RuleContext) => readonly Problem[];
  /** Looks at a whole revision, after its statements. */
  readonly revision?: (revision: LintedRevision, context: RuleContext) => readonly Problem[];
  /** Looks at all revisions of a release, where it is known which they are. */
  readonly release?: (release: readonly LintedRevision[]) => readonly ReleaseProblem[];
}

/**
 * An example of a rule's page. Each text is a whole revision file, or only the statements of its up
 * section, whose other parts are then filled in.
 */
export interface Example {
  readonly bad: string;
  readonly good: string;
}

/** A statement as rules see it. */
export interface LintedStatement {
  readonly revision: Revision;
  readonly section: SectionName;
  /** Its text, place in the file, directives and facts. */
  readonly statement: Statement;
  /** Undefined where the parser does not understand it. */
  readonly node: Node | undefined;
  /** UTF-16 offset in the file of what a node of the statement calls its `location`. */
  placeOf(location: number): number;
  /** The statements before it in its section. Those that only insert rows have no node any more. */
  readonly before: readonly LintedStatement[];
}

/** A revision as rules see it, whose statements are all known. */
export interface LintedRevision {
  readonly revision: Revision;
  readonly sections: { readonly [S in SectionName]?: readonly LintedStatement[] };
}

/** What rules may ask. */
export interface RuleContext {
  /** What the release created before this statement; asked with the functions of `analysis/created`. */
  readonly created: CreatedObjects;
  readonly settings: LintSettings;
  /** Revisions that run before this one, as far as they are linted in the same run; in their order. */
  readonly earlier: readonly LintedRevision[];
  /** Sections of this revision that were looked at before this one: `up`, in a statement of `down`. */
  readonly sections: LintedRevision['sections'];
  /** Writes a part of the tree as SQL, in lower case. */
  readonly deparse: Deparser;
}

/** What is known of the place where the revisions will run. */
export interface LintSettings {
  /** The oldest major of Postgres that the revisions must run on. */
  readonly postgres: number;
  /** Regular expression for the names that the rule `naming` accepts; without it lower_snake_case. */
  readonly naming?: string;
}

/** What a rule found. */
export interface Problem {
  /** One sentence without a period, which names the objects. */
  readonly message: string;
  /** UTF-16 offset in the file where the caret stands; without it the statement, or the header. */
  readonly at?: number;
  /** One or two sentences: which lock it takes here, or what breaks, and for how long. */
  readonly why?: string;
  /** The safe way in SQL with the names of this statement; may be several revisions, with their headers. */
  readonly rewrite?: string;
  /** Edits of the file that make it safe and change nothing else; only where they are mechanical. */
  readonly fix?: readonly Edit[];
}

/** A problem of a release, and the revision it is in. */
export interface ReleaseProblem extends Problem {
  readonly revision: Revision;
}

/** A piece of a file to be replaced. */
export interface Edit {
  /** UTF-16 offset in the file. */
  readonly offset: number;
  /** UTF-16 code units that are taken out. */
  readonly length: number;
  readonly text: string;
}

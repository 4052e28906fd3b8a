/** Turns problems into findings, but for those that somebody accepted with a reason. */

import type { Ignore, Revision, Statement } from '../core/revision.ts';
import { excerpt, locator } from '../sql/location.ts';
import type { Finding } from './finding.ts';
import type { Problem, Rule, Severity } from './rule.ts';

/** A rule that is switched on. */
export interface ActiveRule {
  readonly rule: Rule;
  readonly severity: Severity;
}

/** What was found in one revision so far. */
export interface Sieve {
  readonly findings: readonly Finding[];
  /** `ignore` directives that kept something back. */
  readonly used: ReadonlySet<Ignore>;
  /** Adds what `active` found, in the statement if it was one, unless somebody accepted it. */
  add(active: ActiveRule, problem: Problem, statement?: Statement): void;
  /** Notes that a rule which somebody switched off has found something in the statement. */
  accept(statement: Statement): void;
  /** Where it stands now, to be given to `reset`. */
  mark(): number;
  /** Takes back what was added since `mark`. */
  reset(mark: number): void;
}

/** A sieve for one revision. */
export function sieveFor(revision: Revision): Sieve {
  const findings: Finding[] = [];
  const used = new Set<Ignore>();
  const met = new Set<Statement>();
  // Findings come in order, by and large.
  const locationOf = locator(revision.source);
  return {
    findings,
    used,
    add({ rule, severity }, problem, statement) {
      if (statement !== undefined) {
        if (rule.isLastResort === true && met.has(statement)) return;
        met.add(statement);
      }
      const ignores = [...(statement?.ignores ?? []), ...revision.ignores];
      const ignore = ignores.find((each) => each.rule === rule.id);
      if (ignore !== undefined) {
        used.add(ignore);
        return;
      }
      const offset = problem.at ?? statement?.offset ?? 0;
      findings.push({
        rule: rule.id,
        severity,
        message: problem.message,
        why: problem.why,
        rewrite: problem.rewrite,
        fix: problem.fix ?? [],
        revision: revision.id,
        file: revision.file,
        ...locationOf(offset),
        excerpt: excerpt(revision.source, offset),
      });
    },
    accept(statement) {
      met.add(statement);
    },
    mark: () => findings.length,
    reset(mark) {
      findings.length = mark;
    },
  };
}

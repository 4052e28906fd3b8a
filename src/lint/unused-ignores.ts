/** `ignore` directives that keep nothing back: what they excused is gone, or was never there. */

import { nearest } from '../core/nearest.ts';
import type { Ignore } from '../core/revision.ts';
import type { Finding } from './finding.ts';
import type { LintedRevision } from './rule.ts';
import { UNUSED_IGNORE } from './rules/unused-ignore.ts';
import { RULES } from './rules.ts';
import { type ActiveRule, sieveFor } from './sieve.ts';

/** Names that other commands take: what `build` and `check-files` let pass. */
const ELSEWHERE: ReadonlySet<string> = new Set(['syntax-error', 'spliced-revision']);

/** The directives of a revision that are in vain. */
export function unusedIgnores(
  { revision, sections }: LintedRevision,
  { rules, used }: { readonly rules: readonly ActiveRule[]; readonly used: ReadonlySet<Ignore> },
): readonly Finding[] {
  const active = rules.find(({ rule }) => rule === UNUSED_IGNORE);
  if (active === undefined) return [];
  const sieve = sieveFor(revision);
  // A rule that is switched off may be switched on elsewhere.
  const isInVain = (ignore: Ignore): boolean =>
    !used.has(ignore) &&
    !ELSEWHERE.has(ignore.rule) &&
    (rules.some(({ rule }) => rule.id === ignore.rule) || !isRule(ignore.rule));
  for (const ignore of revision.ignores.filter(isInVain)) {
    const at = revision.source.indexOf(`ignore ${ignore.rule}`);
    sieve.add(active, { message: complaint(ignore), ...(at === -1 ? {} : { at }) });
  }
  for (const { statement } of Object.values(sections).flat()) {
    for (const ignore of statement.ignores.filter(isInVain)) {
      sieve.add(active, { message: complaint(ignore) }, statement);
    }
  }
  return sieve.findings;
}

function isRule(id: string): boolean {
  return RULES.some((rule) => rule.id === id);
}

function complaint({ rule }: Ignore): string {
  if (isRule(rule)) return `nothing is found here that "ignore ${rule}" would keep back`;
  const ids = RULES.map(({ id }) => id);
  const guess = nearest(rule, ids);
  return `there is no rule "${rule}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`;
}

/** Severities that a project gives to lint rules, as text: `drop-table=off naming=warning`. */

/** What a rule can be set to. */
export const LEVELS = ['off', 'info', 'warning', 'error'] as const;

/** A rule and the severity it is to have. */
export interface RuleLevel {
  /** As written: it need not be the id of a rule. */
  readonly rule: string;
  readonly level: (typeof LEVELS)[number];
}

/** How `readRuleLevels` wants it. */
export const RULE_LEVELS_USAGE = `must give rules one of ${LEVELS.join(', ')}, as in drop-table=off`;

/** Reads pairs with blanks or commas between them; undefined when one is none. */
export function readRuleLevels(text: string): readonly RuleLevel[] | undefined {
  const levels: RuleLevel[] = [];
  for (const pair of text.split(/[\s,]+/).filter((word) => word !== '')) {
    const [rule = '', wanted, ...more] = pair.split('=');
    const level = LEVELS.find((each) => each === wanted);
    if (rule === '' || level === undefined || more.length > 0) return undefined;
    levels.push({ rule, level });
  }
  return levels;
}

/** Which rules look at the revisions, and how bad what they find is. */

import { ConfigError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Rule, Severity } from './rule.ts';
import { RULES } from './rules.ts';
import type { ActiveRule } from './sieve.ts';

/** Severities that somebody asks for; of two for one rule the later counts. */
export interface AskedLevels {
  /** Where it was asked: `--rule`, `SLIPWAY_LINT_RULES`, a file. */
  readonly origin: string;
  readonly levels: readonly { readonly rule: string; readonly level: Severity | 'off' }[];
}

/**
 * The rules that are switched on, in their order; what is asked for later is stronger.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID` for a rule that does not exist
 */
export function selectRules(
  asked: readonly AskedLevels[],
  rules: readonly Rule[] = RULES,
): readonly ActiveRule[] {
  const wanted = new Map<string, Severity | 'off'>();
  for (const { origin, levels } of asked) {
    for (const { rule, level } of levels) {
      if (!rules.some(({ id }) => id === rule)) throw noSuchRule(rule, origin, rules);
      wanted.set(rule, level);
    }
  }
  return rules.flatMap((rule) => {
    const severity = wanted.get(rule.id) ?? rule.severity;
    return severity === 'off' ? [] : [{ rule, severity }];
  });
}

/** The rules that are on by default and were switched off: whoever did so accepts what they find. */
export function silencedRules(
  selected: readonly ActiveRule[],
  rules: readonly Rule[] = RULES,
): readonly Rule[] {
  const active = new Set(selected.map(({ rule }) => rule));
  return rules.filter((rule) => rule.severity !== 'off' && !active.has(rule));
}

function noSuchRule(id: string, origin: string, rules: readonly Rule[]): ConfigError {
  const guess = nearest(
    id,
    rules.map((rule) => rule.id),
  );
  return new ConfigError('SLIPWAY_CONFIG_INVALID', `${origin}: there is no rule "${id}"`, {
    hint: guess === undefined ? 'slipway lint --list shows the rules.' : `Did you mean "${guess}"?`,
    details: { rule: id, origin },
  });
}

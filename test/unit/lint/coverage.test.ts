/** Every rule of the other linters is covered by ours, or it is said why it has no meaning here. */

import { describe, expect, it } from 'vitest';
import { coverersOf } from '../../../scripts/reference/lint.ts';
import { RULE_LISTS } from '../../../scripts/reference/lint-lists.ts';
import { RULES } from '../../../src/lint/rules.ts';

const listed = RULE_LISTS.flatMap(({ name, rules }) => rules.map((rule) => ({ name, ...rule })));
const isCovered = ({ name, id }: (typeof listed)[number]) => coverersOf(name, id).length > 0;
const named = ({ name, id }: (typeof listed)[number]) => `${name}:${id}`;

describe('the lists of other linters', () => {
  it('are complete', () => {
    expect(RULE_LISTS.map(({ name, rules }) => [name, rules.length])).toEqual([
      // Its 40 rules and `syntax-error`.
      ['squawk', 41],
      ['strong_migrations', 32],
      ['atlas', 30],
    ]);
    expect(new Set(listed.map(named)).size).toBe(listed.length);
  });

  it('have no rule that nothing is said about', () => {
    const silent = listed.filter((rule) => rule.reason === undefined && !isCovered(rule));
    expect(silent.map(named)).toEqual([]);
  });

  it('give no reason for a rule that is covered', () => {
    const both = listed.filter((rule) => rule.reason !== undefined && isCovered(rule));
    expect(both.map(named)).toEqual([]);
  });

  it('have every rule that ours say they cover', () => {
    const known = new Set(listed.map(named));
    const unknown = RULES.flatMap(({ id, covers }) =>
      covers.filter((covered) => !known.has(covered)).map((covered) => `${id} covers ${covered}`),
    );
    expect(unknown).toEqual([]);
  });
});

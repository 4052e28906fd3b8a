/** Every rule finds the mistake in its own examples, and no rule finds one in their corrections. */

import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/lint/rules.ts';
import { lintText } from '../../support/lint.ts';

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it('has examples', () => {
    expect(rule.examples.length).toBeGreaterThan(0);
  });

  it.each(rule.examples.map((example) => [example]))('finds %j', async ({ bad }) => {
    const found = await lintText(bad, { also: [rule] });
    expect(found.map((finding) => finding.rule)).toContain(id);
  });

  it.each(rule.examples.map((example) => [example]))('asks for %j', async ({ good }) => {
    const found = await lintText(good, { also: [rule] });
    expect(found.map((finding) => `${finding.rule}: ${finding.message}`)).toEqual([]);
  });
});

it('has every id once', () => {
  const ids = RULES.map(({ id }) => id);
  expect([...new Set(ids)]).toEqual(ids);
  expect(ids.filter((id) => !/^[a-z][a-z-]+$/.test(id))).toEqual([]);
});

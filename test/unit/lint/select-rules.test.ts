/** Which rules look, when somebody asks for other severities. */

import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import type { Rule } from '../../../src/lint/rule.ts';
import { RULES } from '../../../src/lint/rules.ts';
import { selectRules } from '../../../src/lint/select-rules.ts';

const rule = (id: string, severity: Rule['severity']): Rule => ({
  id,
  severity,
  title: id,
  why: '',
  examples: [],
  covers: [],
});
const rules = [rule('strict', 'error'), rule('mild', 'warning'), rule('taste', 'off')];

type Asked = Parameters<typeof selectRules>[0];
const selected = (asked: Asked) =>
  selectRules(asked, rules).map(({ rule: { id }, severity }) => `${id} ${severity}`);

function refusal(asked: Asked, of: readonly Rule[]): SlipwayError {
  try {
    selectRules(asked, of);
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('the rules that look', () => {
  it('are those that are not off', () => {
    expect(selected([])).toEqual(['strict error', 'mild warning']);
    expect(selectRules([]).map((each) => each.rule)).toEqual(
      RULES.filter(({ severity }) => severity !== 'off'),
    );
  });

  it('have the severity that was asked for last', () => {
    expect(
      selected([
        {
          origin: 'file',
          levels: [
            { rule: 'strict', level: 'off' },
            { rule: 'taste', level: 'info' },
          ],
        },
        { origin: '--rule', levels: [{ rule: 'taste', level: 'error' }] },
      ]),
    ).toEqual(['mild warning', 'taste error']);
  });

  it('must exist; the nearest is offered', () => {
    const asked = [{ origin: '--rule', levels: [{ rule: 'strikt', level: 'off' as const }] }];
    const error = refusal(asked, rules);
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_CONFIG_INVALID', 10]);
    expect(error.message).toContain('--rule');
    expect(error.hint).toContain('"strict"');
    expect(refusal(asked, []).hint).toContain('slipway lint --list');
  });
});

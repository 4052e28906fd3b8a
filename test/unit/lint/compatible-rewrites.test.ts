/**
 * What a rule about running code, lost data or the way back proposes is free of what it found: the
 * revisions that it writes for its labelled cases are read and linted in their turn.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/lint/finding.ts';
import { lintText } from '../../support/lint.ts';

const FOLDER = new URL('../../golden/lint/', import.meta.url);
const TITLE = /^-- (?:\w+ revision: |in a revision of its own, ).*\n/m;

/** Findings of the labelled cases of this rule that propose whole revisions. */
async function proposals(rule: string): Promise<readonly Finding[]> {
  const [, ...cases] = readFileSync(new URL(`${rule}.sql`, FOLDER), 'utf8').split(
    /^-- case: .*\n/m,
  );
  const found = await Promise.all(
    cases.map((text) =>
      lintText(text.replace(/^-- (?:expect|header|postgres): .*\n/gm, ''), {
        header: [...text.matchAll(/^-- header: (.*)$/gm)].map(([, line = '']) => line),
      }),
    ),
  );
  return found.flat().filter((each) => each.rule === rule && TITLE.test(each.rewrite ?? ''));
}

/** The revisions of a rewrite as files of one release, with values for what only a person knows. */
function filesOf(rewrite: string): string {
  return rewrite
    .split(TITLE)
    .slice(1)
    .map((text, index) =>
      [
        `-- file: ${index + 1}.sql`,
        `-- slipway:revision w${index + 1}`,
        `-- slipway:revises w${index}`,
        text
          .replace(/\(?<(?:type|columns)[^>]*>\)?/g, (word) =>
            word.startsWith('(') ? '(id int)' : 'text',
          )
          .replaceAll('<value>', "''")
          .replaceAll(/<([a-z]+)>/g, 'the_$1'),
      ].join('\n'),
    )
    .join('\n');
}

const rules = [
  'drop-column',
  'drop-table',
  'drop-schema',
  'drop-object',
  'rename-table',
  'rename-column',
  'rename-schema',
  'rename-enum-value',
  'rename-object',
  'set-schema',
  'drop-foreign-key',
  'drop-not-null',
  'required-column',
  'unique-index-on-existing-data',
  'breaking-change',
];

describe('the revisions that rules propose', () => {
  it.each(rules)('%s', async (rule) => {
    const proposed = await proposals(rule);
    expect(proposed.length).toBeGreaterThan(2);
    for (const { rewrite = '' } of proposed) {
      const found = await lintText(filesOf(rewrite));
      expect(
        found.map((each) => `${each.rule}: ${each.message}`),
        rewrite,
      ).toEqual([]);
    }
  });
});

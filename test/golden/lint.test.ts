/** Labelled statements: each file of `lint/` says of every case which rules find something in it. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/lint/rules.ts';
import { lintText } from '../support/lint.ts';

const FOLDER = new URL('lint/', import.meta.url);

interface Case {
  readonly title: string;
  readonly expected: readonly string[];
  readonly postgres: number;
  readonly header: readonly string[];
  readonly text: string;
}

/**
 * Cases begin with `-- case: TITLE`, then `-- expect: RULE, RULE` or `-- expect: nothing`, and where
 * they are needed `-- postgres: MAJOR` and `-- header: DIRECTIVE`.
 */
function casesOf(file: string): readonly Case[] {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  return text
    .split(/^-- case: /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      const values = (key: string) =>
        lines.flatMap((line) =>
          line.startsWith(`-- ${key}: `) ? [line.slice(key.length + 5)] : [],
        );
      const [expected] = values('expect');
      if (expected === undefined) throw new Error(`${file}: "${title}" has no -- expect:`);
      return {
        title,
        expected: expected === 'nothing' ? [] : expected.split(', ').sort(),
        postgres: Number(values('postgres')[0] ?? 14),
        header: values('header'),
        text: lines.filter((line) => !/^-- (?:expect|postgres|header): /.test(line)).join('\n'),
      };
    });
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));

describe.each(files)('%s', (file) => {
  // Its cases are about this rule, also where it is off by default.
  const own = RULES.find(({ id }) => id === basename(file, '.sql'));

  it.each(casesOf(file).map((each) => [each.title, each] as const))('%s', async (_, each) => {
    const named = RULES.filter(({ id }) => each.expected.includes(id));
    expect(named.map(({ id }) => id).sort()).toEqual(each.expected);
    const found = await lintText(each.text, {
      postgres: each.postgres,
      header: each.header,
      also: [...named, ...(own === undefined ? [] : [own])],
    });
    expect(
      [...new Set(found.map(({ rule }) => rule))].sort(),
      JSON.stringify(found, null, 1),
    ).toEqual(each.expected);
  });
});

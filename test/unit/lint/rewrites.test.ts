/**
 * What a rule proposes is free of what it found: the rewrites and fixes of all labelled cases of the
 * rules about locks are linted in their turn.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/lint/finding.ts';
import { applyFixes } from '../../../src/lint/fix.ts';
import { RULES } from '../../../src/lint/rules.ts';
import { lintText, wholeFile } from '../../support/lint.ts';

const FOLDER = new URL('../../golden/lint/', import.meta.url);

/** The rules up to the first about compatibility, in the order of the list. */
const LOCK_RULES = RULES.slice(
  0,
  RULES.findIndex(({ id }) => id === 'drop-column'),
);

interface Case {
  readonly title: string;
  readonly postgres: number;
  readonly header: readonly string[];
  readonly text: string;
}

function casesOf(rule: string): readonly Case[] {
  const [, ...parts] = readFileSync(new URL(`${rule}.sql`, FOLDER), 'utf8').split(/^-- case: /m);
  return parts.map((part) => {
    const [title = '', ...lines] = part.split('\n');
    const header = lines.flatMap((line) => /^-- header: (.*)$/.exec(line)?.[1] ?? []);
    const postgres = Number(/^-- postgres: (\d+)$/m.exec(part)?.[1] ?? 14);
    const text = lines.filter((line) => !/^-- (?:expect|postgres|header): /.test(line)).join('\n');
    return { title, postgres, header, text };
  });
}

/** The revisions of a rewrite as files of one release. */
function filesOf(rewrite: string): string {
  const revisions = rewrite.split(/^-- (?:first|second|third|fourth|fifth|next) revision.*\n/m);
  return revisions
    .filter((text) => text.trim() !== '')
    .map((text, index) => {
      const isHeader = /^(?:-- slipway:.*\n?)+$/.test(text);
      const [header = '', up = ''] =
        isHeader || text.includes('-- slipway:up\n') ? text.split('-- slipway:up\n') : ['', text];
      const directives = header
        .split('\n')
        .flatMap((line) => /^-- slipway:(.*)$/.exec(line)?.[1] ?? []);
      const revises = index === 0 ? [] : [`revises w${index}`];
      const lines = [
        `revision w${index + 1}`,
        ...revises,
        'irreversible it is an example',
        ...directives,
      ];
      return `-- file: ${index + 1}.sql\n${lines.map((line) => `-- slipway:${line}\n`).join('')}-- A part\n\n-- slipway:up\n${up}\n`;
    })
    .join('');
}

const found = async (each: Case, id: string): Promise<readonly Finding[]> => {
  const also = RULES.filter((rule) => rule.id === id);
  const all = await lintText(each.text, { ...each, also });
  return all.filter(({ rule }) => rule === id);
};

describe.each(LOCK_RULES.map(({ id }) => id))('%s', (id) => {
  const also = RULES.filter((rule) => rule.id === id);

  it('has a file of cases', () => {
    expect(readdirSync(FOLDER)).toContain(`${id}.sql`);
    expect(casesOf(id).length).toBeGreaterThanOrEqual(6);
  });

  it.each(casesOf(id).map((each) => [each.title, each] as const))(
    'finds nothing in what it proposes: %s',
    async (_, each) => {
      for (const { rewrite } of await found(each, id)) {
        if (rewrite === undefined) continue;
        const after = await lintText(filesOf(rewrite), { postgres: each.postgres, also });
        expect(
          after.filter(({ rule }) => rule === id),
          rewrite,
        ).toEqual([]);
      }
    },
  );

  it.each(casesOf(id).map((each) => [each.title, each] as const))(
    'finds nothing where its fix was made: %s',
    async (_, each) => {
      if (each.text.includes('-- file: ')) return;
      const source = wholeFile(each.text, each.header);
      const fixable = (await found(each, id)).filter(({ fix }) => fix.length > 0);
      const { text } = applyFixes(
        source,
        fixable.map(({ fix }) => fix),
      );
      const left = await found({ ...each, text }, id);
      expect(
        left.filter(({ fix }) => fix.length > 0),
        text,
      ).toEqual([]);
    },
  );
});

/** `slipway explain`: what a code or a rule means and what to do about it. */

import { ERROR_CODES, type ErrorCode, UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import type { Rule } from '../../lint/rule.ts';
import { ruleMarkdown } from '../../lint/rule-page.ts';
import { RULES } from '../../lint/rules.ts';
import type { CommandOptions } from '../command-spec.ts';
import { ERROR_PAGES } from '../error-pages.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];

/**
 * Prints the page of an error code or a rule, the codes of an exit code, or all of them.
 * @throws UsageError `SLIPWAY_USAGE`
 */
export async function explainCommand(
  run: RunContext,
  options: CommandOptions,
  wanted: string | undefined,
): Promise<undefined> {
  const rule = RULES.find(({ id }) => id === wanted);
  if (rule !== undefined) {
    run.edge.print(options['json'] === true ? `${JSON.stringify(facts(rule))}\n` : ruleText(rule));
    return;
  }
  const codes = codesOf(wanted);
  const pages = codes.map((code) => ({ code, ...ERROR_CODES[code], ...ERROR_PAGES[code] }));
  if (options['json'] === true) {
    run.edge.print(`${JSON.stringify(pages)}\n`);
    return;
  }
  const [only] = pages;
  if (pages.length === 1 && only !== undefined) {
    run.edge.print(
      [
        `${only.code}  exit ${only.exit}, ${only.transient ? 'a later run may succeed' : 'needs a change'}`,
        '',
        only.meaning,
        '',
        'What to do:',
        ...only.steps.map((step) => `- ${step}`),
        '',
      ].join('\n'),
    );
    return;
  }
  run.edge.print(
    table(
      ['EXIT', 'CODE', 'MEANING'],
      pages.map((page) => [String(page.exit), page.code, page.meaning.split('. ')[0] ?? '']),
      { colour: wantsColour(run.edge, run.edge.stdoutIsTerminal) },
    ),
  );
}

function facts({ id, severity, title, why, instead, examples, covers }: Rule): object {
  return { id, severity, title, why, instead, examples, covers };
}

function ruleText(rule: Rule): string {
  const { id, severity, title } = rule;
  return `${id}  ${severity}: ${title}\n\n${ruleMarkdown(rule)}\n\nWhere it is meant, above the statement or in the header:\n-- slipway:ignore ${id} <reason>\n`;
}

function codesOf(wanted: string | undefined): readonly ErrorCode[] {
  if (wanted === undefined)
    return [...CODES].sort((a, b) => ERROR_CODES[a].exit - ERROR_CODES[b].exit);
  if (/^\d+$/.test(wanted)) {
    const codes = CODES.filter((code) => ERROR_CODES[code].exit === Number(wanted));
    if (codes.length > 0) return codes;
    throw new UsageError('SLIPWAY_USAGE', `slipway never ends with exit code ${wanted}`, {
      hint: 'Codes from 128 up are signals: 137 is a kill -9, often for want of memory.',
    });
  }
  const upper = wanted.toUpperCase();
  const name = upper.startsWith('SLIPWAY_') ? upper : `SLIPWAY_${upper}`;
  const code = CODES.find((candidate) => candidate === name);
  if (code !== undefined) return [code];
  const rules = RULES.map(({ id }) => id);
  const guess = wanted.includes('-') ? nearest(wanted, rules) : nearest(name, CODES);
  throw new UsageError('SLIPWAY_USAGE', `there is no error code and no rule "${wanted}"`, {
    hint:
      guess === undefined
        ? 'slipway explain lists the codes, slipway lint --list the rules.'
        : `Did you mean ${guess}?`,
  });
}

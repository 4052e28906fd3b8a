/** `slipway explain`: what a code means and what to do about it. */

import { ERROR_CODES, type ErrorCode, UsageError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import type { CommandOptions } from '../command-spec.ts';
import { ERROR_PAGES } from '../error-pages.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];

/**
 * Prints the page of an error code, the codes of an exit code, or all of them.
 * @throws UsageError `SLIPWAY_USAGE`
 */
export async function explainCommand(
  run: RunContext,
  options: CommandOptions,
  wanted: string | undefined,
): Promise<undefined> {
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
  const guess = nearest(name, CODES);
  throw new UsageError('SLIPWAY_USAGE', `there is no error code "${wanted}"`, {
    hint: guess === undefined ? 'slipway explain lists them.' : `Did you mean ${guess}?`,
  });
}

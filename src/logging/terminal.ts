/** The story of a run for a person at a terminal. */

import { styleText } from 'node:util';
import { diagnose } from '../core/diagnosis.ts';
import { formatDuration } from '../core/duration.ts';
import type { Reporter, SlipwayEvent } from '../core/events.ts';
import { describeEvent, type Level, levelOf } from './describe.ts';
import { LEVELS, writeWhole } from './json-line.ts';
import { isProgress } from './pace.ts';
import { type LineFormat, progressLine } from './progress-bar.ts';

export interface TerminalOptions {
  readonly level: Level | 'silent';
  readonly fd: number;
  readonly colour: boolean;
  /** Which of several targets the lines are about: stands before each. */
  readonly target?: string | undefined;
  /** How wide the terminal is now, for a line that is drawn over again; undefined: lines only. */
  readonly live?: (() => LineFormat) | undefined;
}

/** Back to the first column, and away with what is there. */
const ERASE = '\r\u001b[2K';

type Style = Parameters<typeof styleText>[0];

/** Reports events as coloured lines. */
export function terminalReporter(options: TerminalOptions): Reporter {
  const least = LEVELS.indexOf(options.level);
  const paint: Paint = (style, text) =>
    options.colour ? styleText(style, text, { validateStream: false }) : text;
  const { target } = options;
  const named = (line: string): string =>
    target === undefined ? line : `${paint('dim', `[${target}]`)} ${line}`;
  let isDrawn = false;
  return {
    report(event) {
      const isShown = LEVELS.indexOf(levelOf(event)) >= least;
      const before = isDrawn ? ERASE : '';
      if (isShown && options.live !== undefined && isProgress(event)) {
        const { bar, text } = progressLine(event, options.live());
        isDrawn = true;
        writeWhole(options.fd, `${before}${paint('cyan', bar)}${text}`);
        return;
      }
      // What is measured next draws it again.
      isDrawn = false;
      const lines = isShown ? `${linesOf(event, paint).map(named).join('\n')}\n` : '';
      if (before !== '' || lines !== '') writeWhole(options.fd, before + lines);
    },
  };
}

type Paint = (style: Style, text: string) => string;

function linesOf(event: SlipwayEvent, paint: Paint): readonly string[] {
  const { message, level } = describeEvent(event);
  switch (event.type) {
    case 'plan.ready':
      return [
        `${paint('cyan', '●')} ${message}`,
        ...event.revisions.slice(0, SHOWN).map((r) => `  ${paint('dim', r.id)}  ${r.description}`),
        ...(event.revisions.length > SHOWN
          ? [paint('dim', `  … and ${event.revisions.length - SHOWN} more`)]
          : []),
      ];
    case 'revision.applied':
    case 'revision.reverted': {
      const mark = event.type === 'revision.applied' ? paint('green', '✓') : paint('yellow', '↩');
      const time = paint('dim', formatDuration(event.durationMs));
      return [`${mark} ${paint('bold', event.revision)}  ${event.description}  ${time}`];
    }
    case 'run.finished':
      return [`${paint('green', '✓')} ${message}`];
    case 'run.failed':
      return failureLines(event, paint);
    default:
      return [`${MARKS[level](paint)} ${message}`];
  }
}

const SHOWN = 20;

const MARKS: { readonly [L in Level]: (paint: Paint) => string } = {
  debug: (paint) => paint('dim', '·'),
  info: (paint) => paint('cyan', '●'),
  warn: (paint) => paint('yellow', '▲'),
  error: (paint) => paint('red', '✗'),
};

function failureLines(
  event: Extract<SlipwayEvent, { type: 'run.failed' }>,
  paint: Paint,
): readonly string[] {
  const diagnosis = diagnose(event.error);
  return [
    `${paint('red', '✗')} ${paint('bold', diagnosis.headline)}`,
    ...(diagnosis.excerpt?.split('\n').map((line) => `  ${line}`) ?? []),
    ...diagnosis.server.map((line) => `  ${paint('dim', line)}`),
    ...diagnosis.state.map((line) => `  ${line}`),
    ...(diagnosis.next === undefined ? [] : [`  ${paint('cyan', 'next:')} ${diagnosis.next}`]),
    `  ${paint('dim', `${diagnosis.code}, exit ${diagnosis.exitCode}; slipway explain ${diagnosis.code}`)}`,
  ];
}

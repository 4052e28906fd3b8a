/** Progress on a terminal and in a log: the bar, the line that is drawn over, and how often it is told. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SlipwayEvent } from '../../../src/core/events.ts';
import { isProgress, type ProgressEvent, pacedReporter } from '../../../src/logging/pace.ts';
import { type LineFormat, progressLine } from '../../../src/logging/progress-bar.ts';
import { terminalReporter } from '../../../src/logging/terminal.ts';
import { recordingReporter } from '../../support/recording-reporter.ts';
import { SAMPLES } from './samples.ts';

type StatementEvent = Extract<SlipwayEvent, { type: 'statement.progress' }>;

const BUILD: StatementEvent = { ...SAMPLES['statement.progress'], waitingFor: [] };
const BACKFILL = SAMPLES['backfill.progress'];
const WIDE: LineFormat = { columns: 100, unicode: true };
const UNMEASURED = {
  phase: undefined,
  unit: undefined,
  done: undefined,
  total: undefined,
  percent: undefined,
  perSecond: undefined,
  remainingMs: undefined,
};

/** Narrow, wide, combining, of two code units, half of one, and such that move the cursor. */
const CHARACTERS = [
  'a',
  '~',
  '한',
  '漢',
  '\u0301',
  '😀',
  '\ud800',
  '\n',
  '\t',
  '\u001b',
  '\u009b',
  '█',
];

const drawn = (event: ProgressEvent, format: LineFormat): string => {
  const { bar, text } = progressLine(event, format);
  return bar + text;
};

describe('a line of progress', () => {
  it('has a bar, the share, since when, for how long yet, and what it is at', () => {
    expect(drawn(BUILD, WIDE)).toBe(
      '  ███████████░░░░░░░░░░░░░  45%  35 s, about 42 s left  building index: scanning table',
    );
  });

  it('is ASCII where the terminal knows nothing else', () => {
    expect(drawn(BUILD, { ...WIDE, unicode: false })).toBe(
      '  [###########.............]  45%  35 s, about 42 s left  building index: scanning table',
    );
  });

  it('of a backfill has its rate', () => {
    expect(drawn({ ...BACKFILL, throttledBy: undefined }, WIDE)).toBe(
      '  ███████░░░░░░░░░░░░░░░░░ ~30%  5 s, about 12 s left  backfill of users, 24000 keys per second',
    );
  });

  it('says that a share is estimated', () => {
    expect(drawn({ ...BUILD, isEstimate: true }, WIDE)).toContain(' ~45%  ');
  });

  it.each([
    [0, '░'.repeat(24)],
    [100, '█'.repeat(24)],
    [140, '█'.repeat(24)],
  ])('at %d percent is drawn', (percent, bar) => {
    expect(drawn({ ...BUILD, percent }, WIDE)).toContain(`  ${bar}`);
  });

  it('has no bar where the share is not known', () => {
    expect(drawn({ ...BUILD, ...UNMEASURED }, WIDE)).toBe('  35 s  create index');
    expect(
      drawn(
        {
          ...BUILD,
          ...UNMEASURED,
          phase: 'waiting for old snapshots',
          unit: 'sessions',
          done: 1,
          total: 3,
        },
        WIDE,
      ),
    ).toBe('  35 s  waiting for old snapshots (1 of 3 sessions)');
  });

  it('names those that are waited for', () => {
    expect(drawn(SAMPLES['statement.progress'], { ...WIDE, columns: 200 })).toContain(
      ', waits for ',
    );
  });

  it('is cut with an ellipsis where it does not fit, the bar first', () => {
    expect(drawn(BUILD, { ...WIDE, columns: 60 })).toBe(
      '  ██████░░░░░░░░  45%  35 s, about 42 s left  building ind…',
    );
    expect(drawn(BUILD, { columns: 30, unicode: false })).toBe('  45%  35 s, about 42 s le...');
  });

  it('never reaches the last column, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 80 }).map((all) => all.join('')),
        fc.integer({ min: 8, max: 200 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
        (phase, columns, unicode, percent) => {
          const { bar, text } = progressLine({ ...BUILD, phase, percent }, { columns, unicode });
          // Nobody takes more than two columns for a character that is not ASCII.
          const width = [...text].reduce((sum, c) => sum + (/[ -~…]/.test(c) ? 1 : 2), bar.length);
          expect(width).toBeLessThan(columns);
          expect(text).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });
});

describe('a terminal', () => {
  const written = (
    events: readonly SlipwayEvent[],
    options: Partial<Parameters<typeof terminalReporter>[0]> = {},
  ): string => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-'));
    const fd = openSync(join(folder, 'out'), 'w');
    try {
      const live = (): LineFormat => ({ columns: 60, unicode: true });
      const reporter = terminalReporter({ level: 'info', fd, colour: false, live, ...options });
      for (const event of events) reporter.report(event);
      return readFileSync(join(folder, 'out'), 'utf8');
    } finally {
      closeSync(fd);
      rmSync(folder, { recursive: true });
    }
  };
  const ERASE = '\r\u001b[2K';

  it('draws one line over and over, and wipes it before the next one', () => {
    const text = written([BUILD, { ...BUILD, percent: 46 }, SAMPLES['revision.applied']]);
    const [first, second, last] = text.split(ERASE);
    expect(first).toMatch(/^ {2}██████░+ {2}45% {2}.*…$/);
    expect(second).toMatch(/46%/);
    expect(last).toMatch(/^✓ .*\n$/);
    expect(text.split('\n')).toHaveLength(2);
  });

  it('wipes it also before what is not shown', () => {
    expect(written([BUILD, SAMPLES['statement.started']]).endsWith(ERASE)).toBe(true);
  });

  it('wipes nothing where nothing was drawn', () => {
    expect(written([SAMPLES['revision.applied']])).not.toContain(ERASE);
  });

  it('asks for its width at each drawing', () => {
    const widths = [70, 40];
    const text = written([BUILD, BUILD], {
      live: () => ({ columns: widths.shift() ?? 0, unicode: true }),
    });
    const [wide = '', narrow = ''] = text.split(ERASE);
    expect(wide.length).toBeLessThan(70);
    expect(narrow.length).toBeLessThan(40);
  });

  it('colours the bar only where colour is wanted', () => {
    expect(written([BUILD], { colour: true })).toContain('\u001b[36m');
    expect(written([BUILD])).not.toContain('\u001b');
  });

  it('stays silent below its level', () => {
    expect(written([BUILD], { level: 'warn' })).toBe('');
  });

  it('that is none gets lines', () => {
    expect(written([BUILD, BUILD], { live: undefined })).toBe(
      '● create index at m/a.sql:3:1: building index: scanning table, 45% (11700 of 26000 blocks), about 42 s left; running for 35 s\n'.repeat(
        2,
      ),
    );
  });
});

describe('a log that is kept', () => {
  const told = (events: readonly SlipwayEvent[]): readonly number[] => {
    const reporter = recordingReporter();
    const paced = pacedReporter(reporter);
    for (const event of events) paced.report(event);
    return reporter.events.flatMap((event) => (isProgress(event) ? [event.elapsedMs / 1000] : []));
  };
  const each = (from: number, to: number, over: Partial<StatementEvent> = {}): StatementEvent[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      ...BUILD,
      ...over,
      elapsedMs: (from + i) * 1000,
    }));

  it('has progress at growing intervals', () => {
    expect(told(each(1, 200))).toEqual([5, 10, 20, 40, 100, 160]);
  });

  it('begins anew with the next statement', () => {
    expect(told([...each(5, 30), ...each(5, 12, { location: 'm/a.sql:9:1' })])).toEqual([
      5, 10, 20, 5, 10,
    ]);
  });

  it('begins anew when the same statement is tried again', () => {
    expect(told([...each(5, 30), ...each(5, 12)])).toEqual([5, 10, 20, 5, 10]);
  });

  it('has nothing of what was short', () => {
    expect(told([{ ...BACKFILL, elapsedMs: 300 }, ...each(1, 4)])).toEqual([]);
  });

  it('has everything else', () => {
    const reporter = recordingReporter();
    const others = Object.values(SAMPLES).filter((event) => !isProgress(event));
    for (const event of others) pacedReporter(reporter).report(event);
    expect(reporter.events).toEqual(others);
  });
});

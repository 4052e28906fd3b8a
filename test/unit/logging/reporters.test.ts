/** Every event as a log line, through pino and without it, and as a story. */

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunError } from '../../../src/core/errors.ts';
import type { Reporter, SlipwayEvent } from '../../../src/core/events.ts';
import { secret } from '../../../src/core/secret.ts';
import { describeEvent, type Level } from '../../../src/logging/describe.ts';
import { LEVELS, lineReporter } from '../../../src/logging/json-line.ts';
import { logReporter } from '../../../src/logging/logger.ts';
import { terminalReporter } from '../../../src/logging/terminal.ts';
import { SAMPLES } from './samples.ts';

const ALL = Object.values(SAMPLES) as readonly SlipwayEvent[];
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a reporter writes into a file of its own. */
function written(open: (fd: number) => Reporter, events: readonly SlipwayEvent[]): string {
  const path = join(folder, String(count++));
  const fd = openSync(path, 'w');
  try {
    const reporter = open(fd);
    for (const event of events) reporter.report(event);
  } finally {
    closeSync(fd);
  }
  return readFileSync(path, 'utf8');
}

const options = (fd: number, level: Level | 'silent' = 'debug') => ({
  level,
  runId: 'run1',
  now: () => NOW,
  fd,
});
const lines = (events: readonly SlipwayEvent[], level?: Level | 'silent') =>
  written((fd) => lineReporter(options(fd, level)), events);
const pinoLines = (events: readonly SlipwayEvent[], level?: Level | 'silent') =>
  written((fd) => logReporter(options(fd, level)), events);
const story = (
  events: readonly SlipwayEvent[],
  colour = false,
  level: Level | 'silent' = 'debug',
) => written((fd) => terminalReporter({ level, fd, colour }), events);

describe('a log line', () => {
  it.each(ALL.map((event) => [event.type, event] as const))(
    'is the same from the quick reporter and from pino: %s',
    (_, event) => expect(lines([event])).toBe(pinoLines([event])),
  );

  it.each(ALL.map((event) => [event.type, event] as const))(
    'is one line of JSON: %s',
    (type, event) => {
      const text = lines([event]);
      expect(text.split('\n')).toHaveLength(2);
      const line = JSON.parse(text) as Record<string, unknown>;
      expect(Object.keys(line).slice(0, 4)).toEqual(['level', 'time', 'event', 'runId']);
      expect(Object.keys(line).at(-1)).toBe('msg');
      expect(line).toMatchObject({
        event: type,
        runId: 'run1',
        time: '2026-01-02T03:04:05.678Z',
        level: describeEvent(event).level,
      });
      expect(line['msg']).toMatch(/\S/);
    },
  );

  it.each(ALL.map((event) => [event.type, event] as const))(
    'has a message of one line: %s',
    (_, event) => {
      if (event.type === 'statement.skipped') return;
      expect(describeEvent(event).message).not.toMatch(/\n|undefined|\[object/);
    },
  );

  it.each(LEVELS)('is written from its level on: %s', (level) => {
    const expected = ALL.filter(
      (event) => LEVELS.indexOf(describeEvent(event).level) >= LEVELS.indexOf(level),
    ).length;
    const number = (text: string): number => text.split('\n').length - 1;
    expect(number(lines(ALL, level))).toBe(expected);
    expect(number(pinoLines(ALL, level))).toBe(expected);
  });

  it('is an error exactly where the run failed', () => {
    const errors = ALL.filter((event) => describeEvent(event).level === 'error');
    expect(errors.map((event) => event.type)).toEqual(['run.failed']);
  });

  it('of a failure has what a dashboard filters by', () => {
    expect(JSON.parse(lines([SAMPLES['run.failed']]))).toMatchObject({
      command: 'upgrade',
      code: 'SLIPWAY_REVISION_FAILED',
      exitCode: 12,
      sqlState: '42601',
      revision: 'c',
      next: 'Correct it.',
      durationMs: 99,
      finished: ['a', 'b'],
    });
  });

  it('of a plan has every revision, however many', () => {
    const { revisions } = JSON.parse(pinoLines([SAMPLES['plan.ready']])) as { revisions: string[] };
    expect(revisions).toHaveLength(300);
  });
});

describe('what is written', () => {
  it('shows no cause of an error and no secret', () => {
    const everything = [lines(ALL), pinoLines(ALL), story(ALL), story(ALL, true)].join('\n');
    expect(everything).not.toContain('hunter2');
  });

  it('masks a secret that got into the details of an error', () => {
    const value = secret('hunter2');
    const event: SlipwayEvent = {
      type: 'run.failed',
      command: 'upgrade',
      durationMs: 1,
      error: new RunError('SLIPWAY_REVISION_FAILED', `cannot use ${value}`, {
        details: { value: value as unknown as string, nested: [value as unknown as string] },
      }),
    };
    for (const text of [lines([event]), pinoLines([event]), story([event])]) {
      expect(text).not.toContain('hunter2');
      expect(text).toContain('[redacted]');
    }
    expect(lines([event])).toBe(pinoLines([event]));
  });
});

describe('the story on a terminal', () => {
  it.each(ALL.map((event) => [event.type, event] as const))('tells of %s', (_, event) => {
    const text = story([event]);
    expect(text).toMatch(/\S.*\n$/s);
    expect(text).not.toMatch(/undefined|\[object|\n\n$/);
    expect(text).not.toContain('\u001b[');
  });

  it('is coloured only where that is wanted', () => {
    expect(story([SAMPLES['run.failed']], true)).toContain('\u001b[');
  });

  it('shows a failure with its excerpt, its state and what to do', () => {
    const text = story([SAMPLES['run.failed']]);
    for (const part of [
      '   3 | bad',
      '     | ^',
      'rolled back',
      'a, b',
      'Correct it.',
      'explain',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('is silent where that is wanted', () => expect(story(ALL, false, 'silent')).toBe(''));
});

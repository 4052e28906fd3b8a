/**
 * One log line in exactly the form that `logger.ts` gives it, written without loading pino: a pod
 * restart with nothing to do says one line, and must not pay for a logging library.
 */

import { writeSync } from 'node:fs';
import type { Reporter } from '../core/events.ts';
import { describeEvent, type Level, levelOf } from './describe.ts';

export const LEVELS: readonly (Level | 'silent')[] = ['debug', 'info', 'warn', 'error', 'silent'];

export interface LineOptions {
  readonly level: Level | 'silent';
  readonly runId: string;
  /** Which of several targets the lines are about. */
  readonly target?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** File descriptor to write to. */
  readonly fd: number;
}

/** Reports each event as one JSON line. */
export function lineReporter(options: LineOptions): Reporter {
  const least = LEVELS.indexOf(options.level);
  return {
    report(event) {
      if (LEVELS.indexOf(levelOf(event)) < least) return;
      const { level, message, fields } = describeEvent(event);
      const time = new Date(options.now()).toISOString();
      const line = {
        level,
        time,
        event: event.type,
        runId: options.runId,
        ...(options.target === undefined ? {} : { target: options.target }),
        ...fields,
        msg: message,
      };
      writeWhole(options.fd, `${JSON.stringify(line)}\n`);
    },
  };
}

const STDERR = 2;

/** Writes all of `text` now, also to a pipe that is full for a moment. */
export function writeWhole(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') continue;
      // Nobody reads any more, or there is no room: a log must not fail a migration.
      if (code === 'EPIPE' || fd === STDERR) return;
      throw error;
    }
  }
}

/** The log of a run: pino, one JSON line per fact, synchronous so that the last line survives. */

import { pino } from 'pino';
import type { Reporter } from '../core/events.ts';
import { describeEvent, levelOf } from './describe.ts';
import { type LineOptions, writeWhole } from './json-line.ts';

/** Paths that never show their value, whatever was put there: the net below the `Secret` type. */
const REDACTED = [
  'password',
  '*.password',
  'url',
  '*.url',
  'connectionString',
  '*.connectionString',
];

/** Reports each event as one JSON line through pino. */
export function logReporter(options: LineOptions): Reporter {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    // pino's own destination throws when the disk is full; a log must not fail a migration.
    { write: (line) => writeWhole(options.fd, line) },
  );
  return {
    report(event) {
      if (!logger.isLevelEnabled(levelOf(event))) return;
      const { level, message, fields } = describeEvent(event);
      const { runId, target } = options;
      const about = target === undefined ? { runId } : { runId, target };
      logger[level]({ event: event.type, ...about, ...fields }, message);
    },
  };
}

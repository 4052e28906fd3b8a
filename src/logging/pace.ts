/** Thins out progress where every report is kept: after 5 s, 10 s, 20 s, 40 s, then every minute. */

import type { Reporter, SlipwayEvent } from '../core/events.ts';
import { nextReportMs } from '../core/progress.ts';

/** What is reported again and again while one and the same thing goes on. */
export type ProgressEvent = Extract<
  SlipwayEvent,
  { type: 'statement.progress' | 'backfill.progress' | 'backup.progress' }
>;

const PROGRESS: ReadonlySet<SlipwayEvent['type']> = new Set<ProgressEvent['type']>([
  'statement.progress',
  'backfill.progress',
  'backup.progress',
]);

/** Whether `event` only says how far something has come. */
export function isProgress(event: SlipwayEvent): event is ProgressEvent {
  return PROGRESS.has(event.type);
}

/** Passes on all events to `reporter`, but progress only when it is due. */
export function pacedReporter(reporter: Reporter): Reporter {
  let subject = '';
  let dueMs = nextReportMs();
  let lastMs = 0;
  return {
    report(event) {
      if (isProgress(event)) {
        const { elapsedMs } = event;
        const about =
          event.type === 'backup.progress'
            ? `${event.type} ${event.name}`
            : `${event.type} ${event.revision} ${event.location}`;
        // One that has run for less long than before is another one at the same place: a retry.
        if (about !== subject || elapsedMs < lastMs) {
          subject = about;
          dueMs = nextReportMs();
        }
        lastMs = elapsedMs;
        if (elapsedMs < dueMs) return;
        dueMs = nextReportMs(elapsedMs);
      }
      reporter.report(event);
    },
  };
}

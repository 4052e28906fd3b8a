/** A reporter that keeps what it is told. */

import type { EventType, Reporter, SlipwayEvent } from '../../src/core/events.ts';

/** A reporter and what it was told so far. */
export interface RecordingReporter extends Reporter {
  readonly events: readonly SlipwayEvent[];
  /** The events of one type, in order. */
  of<T extends EventType>(type: T): readonly (SlipwayEvent & { type: T })[];
}

/** Keeps every event. */
export function recordingReporter(): RecordingReporter {
  const events: SlipwayEvent[] = [];
  return {
    events,
    report: (event) => {
      events.push(event);
    },
    of: <T extends EventType>(type: T) =>
      events.filter((event): event is SlipwayEvent & { type: T } => event.type === type),
  };
}

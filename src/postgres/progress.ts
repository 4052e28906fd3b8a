/** Watches, from a second connection, how far the statement has come that a session runs. */

import type { SessionInfo } from '../core/events.ts';
import { type Measurement, progressMeter, UNMEASURED } from '../core/progress.ts';
import type { Statement } from '../core/revision.ts';
import type { StatementProgress } from '../runner/ports.ts';
import type { Observer } from './blockers.ts';
import { growthMeter } from './growth.ts';
import { measurementOf, progressQuery } from './progress-views.ts';

/** When to look. */
export interface ProgressPace {
  /** For how long a statement must have run. */
  readonly firstMs: number;
  readonly everyMs: number;
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number;
}

/** What is short is not looked at; what is long is looked at as often as a person would. */
export const PACE: ProgressPace = { firstMs: 5000, everyMs: 1000, now: () => performance.now() };

/** What the session is at. */
export interface Running {
  /** Undefined for a statement of slipway's own. */
  readonly statement: Statement | undefined;
  readonly sinceMs: number;
}

export interface ProgressWatch {
  stop(): void;
}

/** Looking may take this part of the time that passes, and no more, however large the database is. */
const SHARE_OF_TIME = 1 / 20;
const LONGEST_PAUSE_MS = 10_000;
/** A look that takes longer is left alone: that the statement still runs is said all the same. */
const LOOK_LIMIT_MS = 2000;

/** Tells how far server process `pid` has come with what it runs, until stopped. */
export function watchProgress(
  observer: Observer,
  pid: number | undefined,
  options: {
    readonly pace: ProgressPace;
    /** What it runs now; undefined when all is answered. */
    readonly running: () => Running | undefined;
    readonly waitingFor: () => readonly SessionInfo[];
    readonly onProgress: (progress: StatementProgress) => void;
  },
): ProgressWatch {
  const { running, waitingFor, onProgress } = options;
  const { firstMs, everyMs, now } = options.pace;
  let stopped = false;
  let timer = setTimeout(look, firstMs);
  let limit: NodeJS.Timeout | undefined;
  let watched: (Running & { readonly observe: Observe; readonly meter: Meter }) | undefined;

  async function look(): Promise<void> {
    const current = running();
    const elapsedMs = current === undefined ? 0 : now() - current.sinceMs;
    if (current?.statement === undefined || elapsedMs < firstMs) {
      timer = setTimeout(look, Math.max(1, firstMs - elapsedMs));
      return;
    }
    const { statement, sinceMs } = current;
    if (watched?.statement !== statement || watched.sinceMs !== sinceMs) {
      const observe = observation(observer, pid, statement);
      watched = { statement, sinceMs, observe, meter: progressMeter() };
    }
    const { observe, meter } = watched;
    const startMs = now();
    const tooLong = new Promise<Measurement>((resolve) => {
      limit = setTimeout(resolve, LOOK_LIMIT_MS, UNMEASURED);
    });
    const measured = await Promise.race([observe(elapsedMs), tooLong]);
    clearTimeout(limit);
    if (stopped) return;
    const tookMs = now() - startMs;
    if (running()?.sinceMs === sinceMs) {
      const progress = meter(measured, elapsedMs + tookMs);
      onProgress({
        statement,
        elapsedMs: Math.round(elapsedMs + tookMs),
        ...progress,
        waitingFor: waitingFor(),
      });
    }
    const pauseMs = Math.min(tookMs / SHARE_OF_TIME, LONGEST_PAUSE_MS);
    timer = setTimeout(look, Math.max(everyMs, pauseMs));
  }
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(limit);
    },
  };
}

type Meter = ReturnType<typeof progressMeter>;
type Observe = (elapsedMs: number) => Promise<Measurement>;

/** Looks at one statement. It serves people only: where it cannot look, there is less to say. */
function observation(observer: Observer, pid: number | undefined, statement: Statement): Observe {
  if (pid === undefined) return async () => UNMEASURED;
  const growth = growthMeter(pid, statement);
  const look: Observe = async (elapsedMs) => {
    const { text, values = [] } = progressQuery(pid);
    const reported = measurementOf((await observer.query(text, values))[0]);
    if (reported !== undefined) return withCopied(reported, statement);
    const { query } = growth;
    if (query === undefined) return UNMEASURED;
    const [row] = await observer.query(query.text, query.values ?? []);
    return growth.measure(row, elapsedMs);
  };
  let underWay: Promise<Measurement> | undefined;
  return (elapsedMs) => {
    underWay ??= look(elapsedMs)
      .catch(() => UNMEASURED)
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
}

/** The server does not know how much is still to come from standard input; we do. */
function withCopied(measured: Measurement, { copyData }: Statement): Measurement {
  if (copyData === undefined || measured.unit !== 'bytes') return measured;
  return { ...measured, total: Buffer.byteLength(copyData) };
}

/** Performs one command: context, work, and the one place where a failure becomes an exit code. */

import type { RawSettings } from '../config/load.ts';
import { EXIT, InternalError, SlipwayError } from '../core/errors.ts';
import type { Edge } from './edge.ts';
import type { Handover } from './handover.ts';
import { openContext, openLog, type RunContext } from './run-context.ts';

export interface Call {
  readonly name: string;
  readonly flags: RawSettings;
  readonly configFile?: string | undefined;
  readonly handover?: Handover | undefined;
  /** Turns an error of an inner room into one that a person can act on. */
  readonly translate: (error: unknown) => unknown;
  /** Left out by the fast path: what it hands on is said by the full program. */
  readonly warnings: boolean;
}

/** Runs `work` and returns the exit code; a failure is reported exactly once. */
export async function perform(
  edge: Edge,
  call: Call,
  work: (run: RunContext) => Promise<number | undefined>,
): Promise<number> {
  const start = edge.now();
  let run: RunContext | undefined;
  const fail = (thrown: unknown): number => {
    const error = toSlipwayError(thrown);
    const reporter = run?.reporter ?? fallbackLog(edge);
    const durationMs = edge.now() - start;
    try {
      reporter.report({ type: 'run.failed', command: call.name, error, durationMs });
    } catch {
      // What cannot be reported still ends with its own exit code.
    }
    return error.exitCode;
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.removeAllListeners(event);
    process.on(event, (thrown: unknown) => process.exit(fail(thrown)));
  }
  try {
    run = await openContext(edge, call);
    if (call.warnings) {
      for (const message of run.warnings) run.reporter.report({ type: 'warning', message });
    }
    return (await work(run)) ?? EXIT.ok;
  } catch (error) {
    return fail(call.translate(error));
  }
}

/** Anything that is not ours is a bug of ours, and says so. */
export function toSlipwayError(thrown: unknown): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new InternalError('SLIPWAY_INTERNAL', `unexpected ${error.name}: ${error.message}`, {
    hint: 'This is a bug in slipway: please report it with this message and the version.',
    cause: error,
    details: {
      stack: error.stack
        ?.split('\n')
        .slice(1, 8)
        .map((line) => line.trim())
        .join('; '),
    },
  });
}

/** The log for failures that come before the settings are known. */
function fallbackLog(edge: Edge) {
  const format = edge.env['SLIPWAY_LOG_FORMAT'];
  return openLog(edge, {
    logFormat: format === 'json' || format === 'pretty' ? format : 'auto',
    logLevel: 'info',
  }).reporter;
}

/** Puts the full logger in place of the quick one, before anything happens worth logging. */

import { logReporter } from '../logging/logger.ts';
import type { RunContext } from './run-context.ts';

/** From here on JSON lines go through pino, with its redaction; a terminal keeps its story. */
export function loadLogger(run: RunContext): void {
  if (run.log.json !== undefined) run.log.replace(logReporter(run.log.json));
}

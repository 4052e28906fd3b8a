/** Places in stack traces, as V8 writes them. */

import type { Location } from '../sql/location.ts';

/** The places in `file` (as V8 names it) that a stack trace goes through, the innermost first. */
export function placesIn(stack: string, file: string): readonly Location[] {
  const frame = new RegExp(
    `^ +at (?:.*[ (])?(?:file://)?${RegExp.escape(file)}:(\\d+):(\\d+)\\)?$`,
    'gm',
  );
  return Array.from(stack.matchAll(frame), ([, line, column]) => ({
    line: Number(line),
    column: Number(column),
  }));
}

/** What became of slipway's own statements, in words and exit codes. */

import { expect, it } from 'vitest';
import { ownWords } from '../../../src/core/database-failure.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { ownFailure } from '../../../src/runner/failure.ts';

function exitOf(kind: Parameters<typeof ownWords>[0], interrupted: boolean): number {
  const error = ownFailure(ownWords(kind, 'Connection terminated'), 'reading', interrupted);
  if (error instanceof SlipwayError) return error.exitCode;
  throw new Error('expected an error of ours');
}

it.each([
  ['connection-lost', false, 20],
  // Told to stop, slipway closes a connection on which the server says nothing any more.
  ['connection-lost', true, 24],
  ['cancelled', true, 24],
  ['commit-unknown', true, 20],
  ['read-only', true, 25],
] as const)('ends with its own code: %s, interrupted %s', (kind, interrupted, exitCode) => {
  expect(exitOf(kind, interrupted)).toBe(exitCode);
});

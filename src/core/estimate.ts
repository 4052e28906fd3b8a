/**
 * How long work on a table may take, from its size alone. Rates of ordinary cloud volumes, on the low
 * side of what an idle server does: an estimate, to tell seconds from minutes from hours.
 */

import type { WorkKind } from './locks.ts';

const MB = 1024 ** 2;

/** Bytes per second. */
const RATES: { readonly [K in WorkKind]: number } = {
  scan: 250 * MB,
  'build index': 50 * MB,
  rewrite: 60 * MB,
  'write rows': 20 * MB,
};

/** Milliseconds that `kind` may take on a table of this size. */
export function estimateMs(
  kind: WorkKind,
  size: { readonly bytes: number; readonly indexBytes: number },
): number {
  // A rewrite builds every index anew.
  const bytes = kind === 'rewrite' ? size.bytes + size.indexBytes : size.bytes;
  return (bytes / RATES[kind]) * 1000;
}

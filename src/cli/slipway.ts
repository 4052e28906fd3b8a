#!/usr/bin/env node
/** The program: refuses a Node that is too old with one clear line, then starts. */

const OLDEST_NODE = 24;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `SLIPWAY_NODE_TOO_OLD (exit 10): slipway needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}\n`,
  );
  process.exit(10);
}
await import('./main.ts');

/** `copy … from stdin` with the rows that stand in the revision file. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/** Runs the statement and sends `data`, the lines between it and its `\.`. */
export async function copyIn(client: pg.Client, text: string, data: string): Promise<void> {
  const piped = client as pg.Client & { pipeline: boolean };
  // A stream answers over several round trips, which a pipelined connection cannot carry.
  piped.pipeline = false;
  try {
    await pipeline(Readable.from([data]), client.query(from(text)));
  } finally {
    piped.pipeline = true;
  }
}

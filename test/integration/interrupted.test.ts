/** Statements outside a transaction, held in the middle and interrupted there: the next run converges. */

import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';
import { KINDS } from './interrupted.cases.ts';
import { type Interruption, interrupted, prepare, run, stateOf } from './interrupted.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const INTERRUPTIONS: readonly (readonly [string, Interruption])[] = [
  [
    'its server process is terminated',
    async ({ pid }) => {
      await query(database.url, 'select pg_terminate_backend($1)', [pid]);
    },
  ],
  [
    'it is cancelled',
    async ({ pid }) => {
      await query(database.url, 'select pg_cancel_backend($1)', [pid]);
    },
  ],
  [
    'its runner is gone',
    async ({ history }) => {
      const { connection } = history.client as unknown as { connection: { stream: Socket } };
      connection.stream.destroy();
    },
  ],
];

describe.each(KINDS)('$name', (kind) => {
  it.each(INTERRUPTIONS)('converges when %s on the way up', async (_, interrupt) => {
    const subject = await prepare(database.url, kind);
    expect(await interrupted(subject, 'up', interrupt)).toMatch(/^SLIPWAY_/);
    expect(await run(subject, 'up')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isUp, 'applied']);
    expect(await run(subject, 'down')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isDown, 'none']);
  });

  it.each(INTERRUPTIONS)('converges when %s on the way down', async (_, interrupt) => {
    const subject = await prepare(database.url, kind);
    expect(await run(subject, 'up')).toBe('done');
    expect(await interrupted(subject, 'down', interrupt)).toMatch(/^SLIPWAY_/);
    expect(await run(subject, 'down')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isDown, 'none']);
    expect(await run(subject, 'up')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isUp, 'applied']);
  });

  it('can be turned back where it was interrupted, either way', async () => {
    const [[, terminate] = []] = INTERRUPTIONS;
    if (terminate === undefined) throw new Error('no interruption');
    const subject = await prepare(database.url, kind);
    await interrupted(subject, 'up', terminate);
    expect(await run(subject, 'down')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isDown, 'none']);
    expect(await run(subject, 'up')).toBe('done');
    await interrupted(subject, 'down', terminate);
    expect(await run(subject, 'up')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isUp, 'applied']);
  });
});

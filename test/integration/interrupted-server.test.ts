/** Statements outside a transaction on a server that crashes under them, and those that the whole server takes part in. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../src/embedded/server.ts';
import { query, startPostgres } from '../support/postgres.ts';
import { KINDS, type Kind, SERVER_KINDS } from './interrupted.cases.ts';
import {
  type Interruption,
  interrupted,
  prepare,
  run,
  type Subject,
  stateOf,
} from './interrupted.ts';

let server: EmbeddedPostgres;
let made = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

/** The kind in a database of its own. */
async function subjectOf(kind: Kind): Promise<Subject> {
  const name = `subject_${made++}`;
  await query(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return prepare(url.href, kind);
}

const crash: Interruption = async () => {
  await server.stop('immediate');
  await server.start();
};
const terminate: Interruption = async ({ pid }) => {
  await query(server.url, 'select pg_terminate_backend($1)', [pid]);
};

describe.each(KINDS)('$name', (kind) => {
  it('converges when the server crashes on the way up, and on the way down', async () => {
    const subject = await subjectOf(kind);
    expect(await interrupted(subject, 'up', crash)).toMatch(/^SLIPWAY_DB_CONNECTION_LOST/);
    expect(await run(subject, 'up')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isUp, 'applied']);
    expect(await interrupted(subject, 'down', crash)).toMatch(/^SLIPWAY_DB_CONNECTION_LOST/);
    expect(await run(subject, 'down')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isDown, 'none']);
  });
});

describe.each(SERVER_KINDS)('$name', (kind) => {
  it.each([
    ['it is terminated', terminate],
    ['the server crashes', crash],
  ])('converges when %s on the way up, and on the way down', async (_, interrupt) => {
    const subject = await subjectOf(kind);
    expect(await interrupted(subject, 'up', interrupt)).toMatch(/^SLIPWAY_DB_CONNECTION_LOST/);
    expect(await run(subject, 'up')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isUp, 'applied']);
    expect(await interrupted(subject, 'down', interrupt)).toMatch(/^SLIPWAY_DB_CONNECTION_LOST/);
    expect(await run(subject, 'down')).toBe('done');
    expect(await stateOf(subject)).toEqual([kind.isDown, 'none']);
  });
});

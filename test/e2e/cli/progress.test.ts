/** What a pod says of a statement that takes long: in its log, in its termination message, and to those who wait. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { until } from '../../support/cli.ts';
import { startPgBouncer, whyNoPgBouncer } from '../../support/pgbouncer.ts';
import { createUpgraded } from '../../support/projects.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('an index build that waits for a writer', () => {
  it('is reported with its phase and the writer, also by those who wait for the lock', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table item (name text);' });
    await place.project.add({
      id: 'r2',
      header: ['transaction none', 'lock-timeout 10min'],
      up: 'create index concurrently item_name on item (name);',
    });
    const writer = new Client({ connectionString: place.url, application_name: 'writer' });
    writer.on('error', () => undefined);
    await writer.connect();
    await writer.query('begin; lock table item in row exclusive mode');
    const message = join(folder, 'termination-log');
    const run = place.start(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: message } });
    const progress = await run.logged('statement.progress');
    expect(progress).toMatchObject({
      level: 'info',
      revision: 'r2',
      command: 'create index',
      phase: 'waiting for writers before build',
      unit: 'sessions',
      done: 0,
      total: 1,
      waitingFor: [{ application: 'writer', state: 'idle in transaction' }],
    });
    expect(progress['elapsedMs']).toBeGreaterThanOrEqual(5000);
    await until(() =>
      expect(readFileSync(message, 'utf8')).toMatch(
        /^running revision 1 of 1: r2.*\ncreate index at \S+r2\S*:\d+:1: waiting for writers before build \(0 of 1 sessions\); running for \d/,
      ),
    );
    const waiter = place.start(['upgrade']);
    const waiting = await waiter.logged('lock.waiting');
    expect(waiting['holder']).toMatchObject({
      progress: 'waiting for writers before build (0 of 1 sessions)',
    });
    expect(waiting.msg).toContain('; waiting for writers before build (0 of 1 sessions)');
    await writer.query('commit');
    await writer.end();
    const [done, waited] = await Promise.all([run.ended, waiter.ended]);
    expect([done.exitCode, waited.exitCode]).toEqual([0, 0]);
    expect(readFileSync(message, 'utf8')).toMatch(/^upgrade: 1 done/);
  });
});

const missing = whyNoPgBouncer();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('behind a transaction pooler', { timeout: 60_000 }, () => {
  it('the server process of the transaction is the one that is looked at', async () => {
    await using pooler = await startPgBouncer(inject('adminUrl'));
    const place = await createUpgraded({
      id: 'r1',
      up: `create table item (n int, filler text);
insert into item select n, repeat('x', 500) from generate_series(1, 1000) n;
create function gate(n int) returns int language plpgsql immutable as $$
begin
  if n = 900 then
    perform pg_catalog.pg_advisory_xact_lock_shared(900);
  end if;
  return n;
end $$;`,
    });
    await place.project.add({
      id: 'r2',
      header: ['lock-timeout 10min'],
      up: 'create index item_gate on item (gate(n));',
    });
    const gatekeeper = new Client({ connectionString: place.url });
    await gatekeeper.connect();
    await gatekeeper.query('select pg_advisory_lock(900)');
    const run = place.start(['upgrade'], { url: pooler.through(place.url) });
    const progress = await run.logged('statement.progress');
    await gatekeeper.end();
    expect((await run.ended).exitCode).toBe(0);
    expect(progress).toMatchObject({ phase: 'building index: scanning table', unit: 'blocks' });
    expect(progress['percent']).toBeGreaterThan(50);
  });
});

/** What a real server says of statements that take long. */

import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { describeProgress } from '../../src/core/progress-text.ts';
import type { StatementProgress } from '../../src/runner/ports.ts';
import { revision } from '../support/graph.ts';
import { FIRST, heldStatements, LAST, PATIENT, ROWS } from '../support/held-statements.ts';
import { failureOf, inTransaction, statementOf, statementsOf } from '../support/port-fixture.ts';
import { query } from '../support/postgres.ts';

const here = heldStatements();
const { shut, release, connect, held } = here;

const isAt =
  (phase: string) =>
  (progress: StatementProgress): boolean =>
    progress.phase?.startsWith(phase) === true;

describe('a concurrent index build', () => {
  it('names the writer that it waits for', async () => {
    const writer = new Client({ connectionString: here.url, application_name: 'writer' });
    await writer.connect();
    await writer.query('begin; lock table item in row exclusive mode');
    const progress = await held(
      'create index concurrently item_filler on item (filler);',
      async (w) => {
        const found = await w.sees(
          (p) => isAt('waiting for writers before build')(p) && p.waitingFor.length > 0,
        );
        await writer.query('commit');
        return found;
      },
    );
    await writer.end();
    expect(progress).toMatchObject({
      unit: 'sessions',
      done: 0,
      total: 1,
      percent: undefined,
      remainingMs: undefined,
      waitingFor: [{ application: 'writer', state: 'idle in transaction' }],
    });
  });

  it('counts the blocks of the table', async () => {
    await shut(LAST);
    const progress = await held('create index concurrently item_gate on item (gate(n));', (w) =>
      w.sees((p) => isAt('building index: scanning table')(p) && (p.done ?? 0) > 0),
    );
    expect(progress.unit).toBe('blocks');
    expect(progress.total).toBeGreaterThan(100);
    expect(progress.percent).toBeGreaterThan(50);
    expect(progress.isEstimate).toBe(false);
  });
});

describe('a plain index build', () => {
  it('in a transaction says how far it is, and of which statement', async () => {
    const { db, sees } = await connect();
    await db.applied.prepare();
    await shut(LAST);
    const [first, second, third] = await statementsOf(
      revision('r', {
        up: 'select 1;\ncreate index item_gate on item (gate(n));\nselect 2;',
      }),
    );
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('three');
    const done = inTransaction(db, (tx) =>
      tx.run([first, second, third]).then(() => tx.check(first)),
    );
    const progress = await sees((p) => p.percent !== undefined);
    await release(LAST);
    await done;
    expect(progress.statement).toBe(second);
    expect(progress.phase).toBe('building index: scanning table');
  });
});

describe('a command that writes a table over again', () => {
  it.each([
    ['vacuum full', 'vacuum (full) item;'],
    ['cluster', 'cluster item using item_pkey;'],
  ])('%s has its phases', async (_, sql) => {
    await query(here.url, 'create index item_gate on item (gate(n))');
    await shut(LAST);
    const progress = await held(sql, (w) => w.sees(isAt('rebuilding index')));
    expect(progress.isEstimate).toBe(false);
  });

  it('an alteration is estimated from what it has written', async () => {
    await shut(FIRST, LAST);
    const progress = await held(
      'alter table item alter column n type numeric using gate(n);',
      async (w) => {
        await w.sees(() => true);
        await release(FIRST);
        return w.sees((p) => isAt('writing item anew')(p));
      },
    );
    expect(progress).toMatchObject({ unit: 'bytes', isEstimate: true });
    expect(progress.percent).toBeGreaterThan(10);
    expect(progress.percent).toBeLessThan(100);
    expect(describeProgress(progress)).toMatch(
      /^writing item anew, about \d+% \(\d.* [kM]B of \d.* MB\)/,
    );
  });

  it('an alteration that only reads claims nothing, however others write', async () => {
    await shut(FIRST);
    const progress = await held(
      'alter table item add constraint gated check (gate(n) > 0);',
      async (w) => {
        await w.sees(() => true);
        await query(
          here.url,
          "create table other as select repeat('x', 1000) from generate_series(1, 5000)",
        );
        const before = w.seen.length;
        await w.sees((p) => w.seen.indexOf(p) > before);
        await query(here.url, 'drop table other');
        return w.sees((p) => p === w.seen.at(-1));
      },
    );
    expect(progress.phase).toBeUndefined();
  });

  it('an update of every row is estimated, one with a condition only sized', async () => {
    await shut(FIRST, LAST);
    const seen = (sql: string) =>
      held(sql, async (w) => {
        await w.sees(() => true);
        await release(FIRST);
        return w.sees((p) => isAt('writing new rows of item')(p));
      });
    const all = await seen('update item set n = gate(n);');
    expect(all).toMatchObject({ unit: 'bytes', isEstimate: true });
    expect(all.percent).toBeGreaterThan(10);
    await query(here.url, 'vacuum (full, analyze) item');
    await shut(FIRST, LAST);
    const some = await seen('update item set n = gate(n) where n > 0;');
    expect(some.percent).toBeUndefined();
    expect(some.done).toBeGreaterThan(0);
  });

  it('a refresh is held against the view as it was', async () => {
    await query(here.url, 'create materialized view seen as select gate(n), filler from item');
    await query(here.url, 'vacuum analyze seen');
    await shut(FIRST, LAST);
    const progress = await held('refresh materialized view seen;', async (w) => {
      await w.sees(() => true);
      await release(FIRST);
      return w.sees((p) => isAt('writing seen anew')(p));
    });
    expect(progress.percent).toBeGreaterThan(10);
  });
});

describe('rows that are copied in', () => {
  it('are measured by the bytes that the file has', async () => {
    await query(
      here.url,
      'truncate item; create trigger gated before insert on item for each row execute function gated()',
    );
    await shut(LAST);
    const rows = Array.from({ length: ROWS }, (_, i) => `${i + 1}\tfiller ${i}`).join('\n');
    const statement = await statementOf(`copy item from stdin;\n${rows}\n\\.\n`);
    const { db, sees } = await connect();
    const done = db.sql.outside(statement, PATIENT);
    const progress = await sees((p) => isAt('copying rows in')(p));
    await release(LAST);
    await done;
    expect(progress).toMatchObject({ unit: 'bytes', isEstimate: false });
    expect(progress.total).toBe(Buffer.byteLength(statement.copyData ?? ''));
    expect(progress.percent).toBeGreaterThan(50);
  });
});

describe('a statement without any progress', () => {
  it('is said to run, and who holds it up', async () => {
    await shut(FIRST);
    const progress = await held('select gate(1);', (w) => w.sees((p) => p.waitingFor.length > 0));
    expect(progress).toMatchObject({
      phase: undefined,
      waitingFor: [{ application: 'gatekeeper' }],
    });
  });

  it('is said to run where nobody can look', async () => {
    await shut(FIRST);
    const { db, sees } = await connect({
      observe: () => Promise.reject(new Error('too many connections')),
    });
    const done = db.sql.outside(await statementOf('select gate(1);'), PATIENT);
    const progress = await sees((p) => p.elapsedMs > 0);
    await release(FIRST);
    await done;
    expect(progress).toMatchObject({ phase: undefined, waitingFor: [] });
  });

  it('is told until it fails', async () => {
    await shut(FIRST);
    const { db, sees } = await connect();
    const limits = { ...PATIENT, lockTimeoutMs: 200 };
    const failure = failureOf(db.sql.outside(await statementOf('select gate(1);'), limits));
    await sees(() => true);
    expect((await failure).kind).toBe('lock-timeout');
  });
});

describe('the report of a waiting runner', () => {
  it('has the progress of the holder', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.db.lock.tryAcquire();
    await shut(LAST);
    const build = await statementOf('create index concurrently item_gate on item (gate(n));');
    const done = holder.db.sql.outside(build, PATIENT);
    await holder.sees((p) => (p.percent ?? 0) > 0);
    const session = await waiter.db.lock.holder();
    await release(LAST);
    await done;
    expect(session?.progress).toMatch(
      /^building index: scanning table, \d+% \(\d+ of \d+ blocks\)$/,
    );
  });

  it('says nothing of a holder at something else', async () => {
    const [holder, waiter] = [await connect(), await connect()];
    await holder.db.lock.tryAcquire();
    expect(await waiter.db.lock.holder()).not.toHaveProperty('progress');
  });
});

describe('an ordinary role', () => {
  it('sees the progress of its own session', async () => {
    const role = `progress_${randomBytes(4).toString('hex')}`;
    await query(
      here.url,
      `create role ${role} login password 'pw';
       grant create on schema public to ${role};
       alter table item owner to ${role}`,
    );
    const url = new URL(here.url);
    url.username = role;
    url.password = 'pw';
    await shut(LAST);
    const watched = await connect({}, url.href);
    const progress = await held(
      'create index concurrently item_gate on item (gate(n));',
      (w) => w.sees((p) => p.percent !== undefined),
      watched,
    );
    expect(progress.phase).toBe('building index: scanning table');
    await query(here.url, `drop owned by ${role}; drop role ${role}`);
  });
});

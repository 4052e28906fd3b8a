/** Revisions outside a transaction on real Postgres: what the catalog says of interrupted statements. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SlipwayError } from '../../src/core/errors.ts';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import type { Revision } from '../../src/core/revision.ts';
import { parseTarget } from '../../src/core/target.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import { appliedSet } from '../../src/runner/step.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { statementDigest } from '../../src/sql/checksum.ts';
import { releaseOf, revision } from '../support/graph.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';
import { type TestSurroundings, testSurroundings } from '../support/surroundings.ts';

let database: TestDatabase;
let history: OpenHistory;
let surroundings: TestSurroundings;

beforeEach(async () => {
  database = await createDatabase();
  history = await openHistory(database.url);
  surroundings = testSurroundings();
});
afterEach(async () => {
  await history.close();
  await database.drop();
});

const RUN = {
  limits: { lockTimeoutMs: 3000, lockRetries: 0, statementTimeoutMs: 0, single: false },
  lockWaitMs: 1000,
};
const LIMITS = { lockTimeoutMs: 3000, statementTimeoutMs: 0 };
const GATE = {
  ...({
    hazards: DEFAULT_HAZARD_POLICIES,
    hazardBytes: 0,
    approvals: new Set<string>(),
    approvedBy: 'environment',
  } as const),
  allowDataLoss: true,
};

const up = (...parts: readonly (string | Revision)[]) =>
  upgrade(
    history.db,
    releaseOf(...parts),
    { ...RUN, target: parseTarget('heads'), phase: 'all', onAhead: 'refuse', gate: GATE },
    surroundings,
  );
const down = (id: string) =>
  downgrade(history.db, { ...RUN, target: parseTarget(id), gate: GATE }, surroundings);

const outside = (sql: string, id = 'i', undo = 'select true;') =>
  revision(`${id}<-a transaction:none`, { up: sql, down: undo });

/** Makes the journal say that `sql` was begun by a runner that died. */
async function begunByTheDead(of: Revision, sql: string): Promise<void> {
  await up('a');
  const summary = await history.db.applied.summary();
  if (summary === undefined) throw new Error('not prepared');
  await history.db.sql.transaction(
    {
      lockTimeoutMs: 1000,
      statementTimeoutMs: 0,
      durable: true,
      expectedDigest: summary.digest,
    },
    (tx) =>
      tx.record({
        kind: 'begun',
        direction: 'upgrade',
        revision: of,
        compatibility: { verdict: 'yes', reason: '' },
        summary: { before: summary.digest, after: summary },
      }),
  );
  await history.db.journal.write(of.id, {
    ordinal: 0,
    direction: 'upgrade',
    digest: statementDigest(sql),
    state: 'started',
  });
}

const A_ID = { kind: 'index-valid', schema: undefined, index: 'a_id' } as const;
const evidence = () => surroundings.reporter.of('statement.skipped').map((event) => event.evidence);

describe('a downgrade that was interrupted and turned back', () => {
  const index = outside(
    'create index concurrently a_id on a (id);',
    'i',
    'drop index concurrently a_id;',
  );

  /** Makes the database say that a runner died at the beginning of the way down. */
  async function downgradeBegunByTheDead(): Promise<void> {
    await up('a', index);
    const { db } = history;
    const summary = await db.applied.summary();
    const digest = summary?.digest ?? '';
    const set = appliedSet(await db.applied.list(), digest);
    await db.sql.transaction(
      { lockTimeoutMs: 1000, statementTimeoutMs: 0, durable: true, expectedDigest: digest },
      (tx) =>
        tx.record({
          kind: 'begun',
          direction: 'downgrade',
          revision: index,
          compatibility: { verdict: 'yes', reason: '' },
          summary: set.removing('i'),
        }),
    );
    await db.journal.write('i', {
      ordinal: 0,
      direction: 'downgrade',
      digest: statementDigest('drop index concurrently a_id'),
      state: 'started',
    });
  }

  it('finds on the way up again that the index is still there', async () => {
    await downgradeBegunByTheDead();
    expect((await up('a', index)).outcome).toBe('done');
    expect(evidence()).toEqual(['the interrupted downgrade had changed nothing']);
    expect((await history.db.applied.list()).map(({ id, state }) => [id, state])).toEqual([
      ['a', 'applied'],
      ['i', 'applied'],
    ]);
  });

  it('makes the index again when the way down had removed it', async () => {
    await downgradeBegunByTheDead();
    await query(database.url, 'drop index a_id');
    expect((await up('a', index)).outcome).toBe('done');
    expect(evidence()).toEqual([]);
    expect(
      await query(
        database.url,
        "select indisvalid from pg_index where indexrelid = 'a_id'::regclass",
      ),
    ).toEqual([{ indisvalid: true }]);
  });

  it('goes on downwards just as well', async () => {
    await downgradeBegunByTheDead();
    await down('a');
    expect((await history.db.applied.list()).map(({ id }) => id)).toEqual(['a']);
    expect(await query(database.url, "select to_regclass('a_id') as it")).toEqual([{ it: null }]);
  });
});

describe('a concurrent index build', () => {
  const SQL = 'create index concurrently a_id on a (id)';
  const index = outside(`${SQL};`, 'i', 'drop index concurrently a_id;');

  it('is taken for done when its index is there and valid', async () => {
    await begunByTheDead(index, SQL);
    await query(database.url, SQL);
    expect((await up('a', index)).outcome).toBe('done');
    expect(evidence()).toEqual(['index public.a_id is valid']);
    expect(await history.db.journal.read('i')).toMatchObject([{ state: 'done' }]);
  });

  it('is made again when it left nothing', async () => {
    await begunByTheDead(index, SQL);
    await up('a', index);
    expect(evidence()).toEqual([]);
    expect(await history.db.sql.evidence(A_ID, LIMITS)).toMatchObject({ verdict: 'done' });
  });

  it('is made again over the invalid index that it left', async () => {
    const unique = outside('create unique index concurrently a_id on a (id);');
    await up('a');
    await query(database.url, 'insert into a values (1), (1)');
    await expect(up('a', unique)).rejects.toMatchObject({
      code: 'SLIPWAY_REVISION_FAILED',
      details: { sqlState: '23505', rolledBack: false },
    });
    expect(await history.db.sql.evidence(A_ID, LIMITS)).toMatchObject({ verdict: 'remnant' });
    await query(database.url, 'delete from a where ctid = (select min(ctid) from a)');
    expect((await up('a', unique)).outcome).toBe('done');
    expect(
      await query(
        database.url,
        "select indisvalid, indisunique from pg_index where indexrelid = 'a_id'::regclass",
      ),
    ).toEqual([{ indisvalid: true, indisunique: true }]);
  });

  it('that somebody made of other columns is not taken for this one', async () => {
    await begunByTheDead(index, SQL);
    await query(database.url, 'alter table a add column other int');
    await query(database.url, 'create index a_id on a (other)');
    const outcome = await up('a', index).then(
      ({ outcome: ended }) => ended,
      (error: SlipwayError) => error.code,
    );
    const [row] = await query(
      database.url,
      "select indexdef from pg_indexes where indexname = 'a_id'",
    );
    expect(outcome !== 'done' || String(row?.['indexdef']).includes('(id)')).toBe(true);
  });

  it('is taken back, also when the runner died right after dropping it', async () => {
    await up('a', index);
    await down('a');
    expect(await query(database.url, "select to_regclass('a_id') as oid")).toEqual([{ oid: null }]);
    expect(await history.db.applied.summary()).toMatchObject({ heads: ['a'], applied: 1 });
    expect(await history.db.journal.read('i')).toEqual([]);
  });
});

describe('a new label of an enum', () => {
  const SQL = "alter type mood add value 'fine'";
  const base = revision('a', { up: "create type mood as enum ('bad');" });

  it('is found in the catalog', async () => {
    await up(base);
    const post = { kind: 'enum-label', schema: undefined, type: 'mood', label: 'fine' } as const;
    expect((await history.db.sql.evidence(post, LIMITS)).verdict).toBe('absent');
    await query(database.url, SQL);
    expect((await history.db.sql.evidence(post, LIMITS)).verdict).toBe('done');
    const qualified = { ...post, schema: 'public' } as const;
    expect((await history.db.sql.evidence(qualified, LIMITS)).verdict).toBe('done');
    expect((await history.db.sql.evidence({ ...post, type: 'none' }, LIMITS)).verdict).toBe(
      'absent',
    );
  });
});

describe('a statement that leaves no evidence', () => {
  it('ends with a question for a person, and is not run again', async () => {
    const call = outside('call pay();');
    await query(database.url, "create procedure pay() language sql as ''");
    await begunByTheDead(call, 'call pay()');
    await expect(up('a', call)).rejects.toMatchObject({
      code: 'SLIPWAY_REVISION_AMBIGUOUS',
      exitCode: 30,
    });
    expect(await history.db.journal.read('i')).toMatchObject([{ state: 'started' }]);
    const marked = outside('-- slipway:idempotent\ncall pay();');
    expect((await up('a', marked)).outcome).toBe('done');
  });
});

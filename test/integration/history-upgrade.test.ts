/** The history schema changes its own format, and refuses one that it cannot read. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backfills } from '../../src/postgres/backfill.ts';
import { HISTORY_FORMATS, type HistoryFormat } from '../../src/postgres/history-schema.ts';
import { statementJournal } from '../../src/postgres/journal.ts';
import { CURRENT_FORMAT } from '../../src/postgres/summary.ts';
import { appliedRevisions } from '../../src/postgres/version-table.ts';
import { quoteIdentifier } from '../../src/sql/identifiers.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let history: OpenHistory;

beforeEach(async () => {
  database = await createDatabase();
  history = await openHistory(database.url);
});
afterEach(async () => {
  await history.close();
  await database.drop();
});

const NEXT: HistoryFormat = {
  format: CURRENT_FORMAT + 1,
  readableSince: 1,
  statements: (schema) => [
    `alter table ${quoteIdentifier(schema)}.revision add column ticket text`,
    `create table ${quoteIdentifier(schema)}.ticket (revision text primary key)`,
  ],
};
const future = (next: HistoryFormat = NEXT) =>
  appliedRevisions(history.session, history.context, [...HISTORY_FORMATS, next]);
const format = () => query(database.url, 'select format, readable_since from slipway.summary');

describe('the format of the history schema', () => {
  it('is the last one that this slipway knows', async () => {
    await history.db.applied.prepare();
    expect(HISTORY_FORMATS.at(-1)?.format).toBe(CURRENT_FORMAT);
    expect(await format()).toEqual([{ format: CURRENT_FORMAT, readable_since: 1 }]);
    expect(HISTORY_FORMATS.map((each) => each.format)).toEqual(
      HISTORY_FORMATS.map((_, index) => index + 1),
    );
  });

  it('is raised by a newer slipway, and what was recorded stays', async () => {
    await history.db.applied.prepare();
    await history.db.applied.audit({ event: 'refusal', revision: 'x', detail: {} });
    await future().prepare();
    await future().prepare();
    expect(await format()).toEqual([{ format: CURRENT_FORMAT + 1, readable_since: 1 }]);
    expect(await history.db.applied.recentLog(5)).toHaveLength(1);
    expect(history.context.reporter.of('history.upgraded')).toEqual([
      { type: 'history.upgraded', schema: 'slipway', from: CURRENT_FORMAT, to: NEXT.format },
    ]);
    expect(await query(database.url, 'select ticket from slipway.revision')).toEqual([]);
  });

  it('is created in one go by a newer slipway', async () => {
    await future().prepare();
    expect(await format()).toEqual([{ format: CURRENT_FORMAT + 1, readable_since: 1 }]);
    expect(history.context.reporter.of('history.created')).toHaveLength(1);
  });

  it('that is newer and still readable is left alone by this slipway', async () => {
    await future().prepare();
    await history.db.applied.prepare();
    expect(await format()).toEqual([{ format: CURRENT_FORMAT + 1, readable_since: 1 }]);
    expect(await history.db.applied.summary()).toMatchObject({ applied: 0 });
  });

  it('that is newer and not readable is refused, on every way in', async () => {
    await future({ ...NEXT, readableSince: CURRENT_FORMAT + 1 }).prepare();
    const refused = {
      code: 'SLIPWAY_HISTORY_FORMAT',
      exitCode: 11,
      details: {
        schema: 'slipway',
        format: NEXT.format,
        readableSince: NEXT.format,
        known: CURRENT_FORMAT,
      },
    };
    await expect(history.db.applied.summary()).rejects.toMatchObject(refused);
    await expect(history.db.applied.prepare()).rejects.toMatchObject(refused);
  });

  it('is raised from every earlier one, with the journal that was there', async () => {
    for (let known = 1; known < CURRENT_FORMAT; known++) {
      const earlier = HISTORY_FORMATS.slice(0, known);
      const schema = `format ${known}`;
      const context = { ...history.context, schema };
      await appliedRevisions(history.session, context, earlier).prepare();
      const journal = statementJournal(history.session, schema);
      const entry = { ordinal: 0, direction: 'upgrade', digest: 'd', state: 'started' } as const;
      await journal.write('r', entry);
      await appliedRevisions(history.session, context).prepare();
      expect(await journal.read('r')).toMatchObject([entry]);
      const place = { revision: 'r', direction: 'upgrade', ordinal: 0 } as const;
      const cursors = backfills(history.session, schema, () => Promise.reject(new Error('unused')));
      await cursors.begin(place, 'd');
      expect(await cursors.cursor(place)).toMatchObject({ digest: 'd', key: undefined });
    }
  });

  it('stays as it was when raising it fails half way', async () => {
    await history.db.applied.prepare();
    const broken = {
      ...NEXT,
      statements: (schema: string) => [...NEXT.statements(schema), 'select 1/0'],
    };
    await expect(future(broken).prepare()).rejects.toMatchObject({ kind: 'other' });
    expect(await format()).toEqual([{ format: CURRENT_FORMAT, readable_since: 1 }]);
    expect(await query(database.url, "select to_regclass('slipway.ticket') as t")).toEqual([
      { t: null },
    ]);
    await future().prepare();
    expect(await format()).toMatchObject([{ format: CURRENT_FORMAT + 1 }]);
  });

  it('grants nothing to PUBLIC on tables that a newer one adds', async () => {
    await query(database.url, 'alter default privileges grant all on tables to public');
    await history.db.applied.prepare();
    await future().prepare();
    const granted = await query(
      database.url,
      `select c.relname from pg_class c, aclexplode(c.relacl) x
       where c.relnamespace = 'slipway'::regnamespace and x.grantee = 0`,
    );
    expect(granted).toEqual([]);
  });
});

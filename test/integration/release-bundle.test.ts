/** A database migrated from a bundle is the one that the revision files make. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import { parseTarget } from '../../src/core/target.ts';
import { bundleRelease } from '../../src/files/bundle.ts';
import { directoryRelease } from '../../src/files/directory.ts';
import { writeBundle } from '../../src/files/write-bundle.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import type { Release } from '../../src/runner/ports.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { createDatabase, query, type TestDatabase } from '../support/postgres.ts';
import { testSurroundings } from '../support/surroundings.ts';

let folder: string;
let path: string;
let database: TestDatabase;
let history: OpenHistory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-'));
  path = join(folder, 'release.bundle');
  database = await createDatabase();
  history = await openHistory(database.url);
  await writeBundle(path, directoryRelease('migrations'), { version: '0.0.0', release: 'v1' });
});
afterEach(async () => {
  await history.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const RUN = {
  limits: { lockTimeoutMs: 3000, lockRetries: 0, statementTimeoutMs: 0, single: false },
  lockWaitMs: 1000,
  gate: {
    ...({
      hazards: DEFAULT_HAZARD_POLICIES,
      hazardBytes: 0,
      approvals: new Set<string>(),
      approvedBy: 'environment',
    } as const),
    allowDataLoss: true,
  },
} as const;

const up = (release: Release, on: OpenHistory = history, target = 'heads') =>
  upgrade(
    on.db,
    release,
    { ...RUN, target: parseTarget(target), phase: 'all', onAhead: 'refuse' },
    testSurroundings(),
  );

const COLUMNS = `
  select table_schema, table_name, column_name, data_type, column_default
  from information_schema.columns where table_schema in ('public', 'slipway') order by 1, 2, 3`;

describe('a release bundle', () => {
  it('makes the same database and the same history as the folder', async () => {
    const other = await createDatabase();
    const fromFolder = await openHistory(other.url);
    try {
      await up(bundleRelease(path));
      await up(directoryRelease('migrations'), fromFolder);
      expect(await history.db.applied.summary()).toEqual(await fromFolder.db.applied.summary());
      expect(await query(database.url, COLUMNS)).toEqual(await query(other.url, COLUMNS));
      const ids = (await history.db.applied.list()).map((row) => row.id);
      expect(await history.db.applied.sources(ids)).toEqual(
        await fromFolder.db.applied.sources(ids),
      );
    } finally {
      await fromFolder.close();
      await other.drop();
    }
  });

  it('has nothing to do on a database that the folder migrated', async () => {
    await up(directoryRelease('migrations'));
    expect((await up(bundleRelease(path))).outcome).toBe('nothing-to-do');
  });

  it('brings the functions of a TypeScript revision back, which the archive cannot', async () => {
    await up(bundleRelease(path));
    const down = { ...RUN, target: parseTarget('-1') };
    await expect(downgrade(history.db, down, testSurroundings())).rejects.toMatchObject({
      code: 'SLIPWAY_NO_WAY_BACK',
    });
    await downgrade(history.db, { ...down, release: bundleRelease(path) }, testSurroundings());
    expect((await history.db.applied.summary())?.heads).toEqual(['c71be58f04d6']);
  });

  it('is taken back from the archive alone', async () => {
    await up(bundleRelease(path), history, 'c71be58f04d6');
    rmSync(path);
    await downgrade(history.db, { ...RUN, target: parseTarget('base') }, testSurroundings());
    expect(await history.db.applied.list()).toEqual([]);
    expect(
      await query(database.url, "select tablename from pg_tables where schemaname = 'public'"),
    ).toEqual([]);
  });

  it('that was tampered with changes nothing in the database', async () => {
    const text = readFileSync(path, 'utf8').replaceAll('create table', 'create temp table');
    writeFileSync(path, text);
    await expect(up(bundleRelease(path))).rejects.toMatchObject({ code: 'SLIPWAY_BUNDLE_INVALID' });
    expect(await history.db.applied.summary()).toBeUndefined();
  });
});

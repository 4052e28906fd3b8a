import { describe, expect, it } from 'vitest';
import { factsOfLast } from './support.ts';

describe('what Postgres refuses inside a transaction block', () => {
  it.each([
    'create index concurrently i on users (email)',
    'create index concurrently on users (email)',
    'create unique index concurrently i on users (email)',
    'drop index concurrently i',
    'reindex index concurrently i',
    'reindex (verbose, concurrently) table users',
    'reindex (concurrently true) table users',
    'reindex schema public',
    'reindex database app',
    'reindex system app',
    'vacuum',
    'vacuum full users',
    'cluster',
    'alter system set work_mem = 1',
    'alter system reset all',
    'create database app',
    'drop database app',
    'alter database app set tablespace fast',
    "create tablespace fast location '/fast'",
    'drop tablespace fast',
    'alter table m detach partition p concurrently',
    "create subscription s connection 'host=a' publication p",
    'alter subscription s refresh publication',
    'alter subscription s set publication p',
    'alter subscription s add publication p with (copy_data = false)',
    'alter subscription s set (failover = true)',
    'drop subscription s',
    'discard all',
  ])('%s', async (sql) => {
    expect((await factsOfLast(sql)).transactional).toBe(false);
  });
});

describe('what Postgres takes inside a transaction block', () => {
  it.each([
    'create index i on users (email)',
    'drop index i',
    'reindex table users',
    'reindex (concurrently false) table users',
    'analyze users',
    'cluster users',
    "alter type mood add value 'happy'",
    'alter database app set work_mem = 1',
    'alter database app connection limit 5',
    'alter database app rename to core',
    'alter table m detach partition p',
    'alter table m detach partition p finalize',
    "create subscription s connection 'host=a' publication p with (connect = false)",
    "create subscription s connection 'host=a' publication p with (create_slot = false)",
    'alter subscription s disable',
    'alter subscription s set publication p with (refresh = false)',
    'alter subscription s set (streaming = on)',
    'refresh materialized view concurrently totals',
    'discard temp',
    'alter table users add column phone text',
  ])('%s', async (sql) => {
    expect((await factsOfLast(sql)).transactional).toBe(true);
  });
});

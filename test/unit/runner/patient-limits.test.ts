import { describe, expect, it } from 'vitest';
import { patientLimits } from '../../../src/runner/patient-limits.ts';
import { statementOf } from '../../support/port-fixture.ts';

const LIMITS = { lockTimeoutMs: 3000, statementTimeoutMs: 7 };
const unsaid = { revision: { lockTimeoutMs: undefined } };
const of = async (sql: string) => patientLimits(unsaid, await statementOf(`${sql};`), LIMITS);

describe('how long a statement outside a transaction waits for locks', () => {
  it.each([
    'create index concurrently i on t (id)',
    'drop index concurrently i',
    'reindex table concurrently t',
  ])('is long for %s, for which nobody waits', async (sql) => {
    expect(await of(sql)).toEqual({ lockTimeoutMs: 600_000, statementTimeoutMs: 7 });
  });

  it.each([
    'alter table m detach partition p concurrently',
    'create database d',
    'create index i on t (id)',
    'vacuum t',
    'call pay()',
  ])('is as set for %s', async (sql) => {
    expect(await of(sql)).toEqual(LIMITS);
  });

  it('is what the header says, or without end where the setting says so', async () => {
    const statement = await statementOf('drop index concurrently i;');
    const said = { revision: { lockTimeoutMs: 3000 } };
    expect(patientLimits(said, statement, LIMITS)).toEqual(LIMITS);
    const endless = { ...LIMITS, lockTimeoutMs: 0 };
    expect(patientLimits(unsaid, statement, endless)).toEqual(endless);
  });
});

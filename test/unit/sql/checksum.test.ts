import { describe, expect, it } from 'vitest';
import { checksumOf, type Meaning, statementDigest } from '../../../src/sql/checksum.ts';

const header: Meaning = {
  id: 'a1',
  revises: ['b', 'c'],
  dependsOn: [],
  labels: [],
  phase: 'expand',
  compatible: undefined,
  transaction: 'one',
  lockTimeoutMs: undefined,
  statementTimeoutMs: undefined,
  irreversible: undefined,
};
const sections = { up: 'select 1;', verify: '', down: 'select 2;' };

describe('checksumOf', () => {
  it('is the hex of a SHA-256', () => {
    expect(checksumOf(header, sections)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not depend on the order of ids, or on reasons', () => {
    const same = [
      { ...header, revises: ['c', 'b'] },
      { ...header, revises: ['b', 'c'] },
    ];
    expect(new Set(same.map((one) => checksumOf(one, sections))).size).toBe(1);
    const reasons = ['x', 'y'].map((reason) => ({
      ...header,
      irreversible: reason,
      compatible: { verdict: 'yes' as const, reason },
    }));
    expect(new Set(reasons.map((one) => checksumOf(one, sections))).size).toBe(1);
  });

  it.each([
    ['up', '', 'down'],
    ['up\nverify 1\nx', '', 'down'],
    ['up', 'x', 'down'],
    ['', 'up', 'down'],
    ['', '', 'up\ndown'],
  ])('tells sections apart (%j, %j, %j)', (up, verify, down) => {
    const others = [
      { up: 'up', verify: '', down: '' },
      { up: 'down', verify: '', down: 'up' },
      { up: 'up\ndown', verify: '', down: '' },
    ].map((other) => checksumOf(header, other));
    expect(others).not.toContain(checksumOf(header, { up, verify, down }));
  });
});

describe('statementDigest', () => {
  it('does not see line ends and blanks behind lines', () => {
    expect(statementDigest('select 1,  \r\n\t2 ')).toBe(statementDigest('select 1,\n\t2'));
  });

  it('sees everything else', () => {
    expect(statementDigest('select 1')).not.toBe(statementDigest('select  1'));
  });
});

/** The table of error codes, errors themselves, and diagnoses. */

import { describe, expect, it } from 'vitest';
import { ERROR_PAGES } from '../../../src/cli/error-pages.ts';
import { type Diagnosis, diagnose, diagnosisLines } from '../../../src/core/diagnosis.ts';
import {
  assertNever,
  ERROR_CODES,
  type ErrorCode,
  EXIT,
  LockError,
  RunError,
  SlipwayError,
  UsageError,
} from '../../../src/core/errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('the table of error codes', () => {
  it('has the exit codes that are promised, each for one meaning', () => {
    expect(EXIT).toEqual({
      ok: 0,
      usage: 10,
      invalid: 11,
      statement: 12,
      refused: 13,
      ahead: 14,
      check: 15,
      approval: 16,
      privilege: 17,
      unreachable: 20,
      authentication: 21,
      locked: 22,
      objectLocked: 23,
      interrupted: 24,
      readOnly: 25,
      partial: 30,
      internal: 70,
    });
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });

  it.each(CODES)(
    '%s is well formed, ends with a known code, and is transient from 20 to 25',
    (code) => {
      expect(code).toMatch(/^SLIPWAY_[A-Z]+(_[A-Z]+)*$/);
      const { exit, transient } = ERROR_CODES[code];
      expect(Object.values(EXIT)).toContain(exit);
      expect(exit).not.toBe(0);
      expect(transient).toBe(exit >= 20 && exit <= 25);
    },
  );

  it.each(CODES)('%s has a page', (code) => {
    const page = ERROR_PAGES[code];
    expect(page.meaning).toMatch(/\.$/);
    expect(page.steps.length).toBeGreaterThan(0);
    for (const step of page.steps) expect(step.trim()).not.toBe('');
  });

  it('has no page for a code that does not exist', () => {
    expect(Object.keys(ERROR_PAGES).sort()).toEqual([...CODES].sort());
  });

  it.each([
    ['SLIPWAY_USAGE', 10],
    ['SLIPWAY_GRAPH_CYCLE', 11],
    ['SLIPWAY_APPLIED_CHECKSUM_CHANGED', 11],
    ['SLIPWAY_REVISION_FAILED', 12],
    ['SLIPWAY_HAZARD_REFUSED', 13],
    ['SLIPWAY_SCHEMA_AHEAD', 14],
    ['SLIPWAY_CHECK_PENDING', 15],
    ['SLIPWAY_NEEDS_APPROVAL', 16],
    ['SLIPWAY_PRIVILEGE_MISSING', 17],
    ['SLIPWAY_DB_UNREACHABLE', 20],
    ['SLIPWAY_DB_AUTH_FAILED', 21],
    ['SLIPWAY_LOCK_TIMEOUT', 22],
    ['SLIPWAY_OBJECT_LOCK_TIMEOUT', 23],
    ['SLIPWAY_INTERRUPTED', 24],
    ['SLIPWAY_DB_READ_ONLY', 25],
    ['SLIPWAY_REVISION_AMBIGUOUS', 30],
    ['SLIPWAY_INTERNAL', 70],
  ] as const)('%s ends with %d, for ever', (code, exit) => {
    expect(ERROR_CODES[code].exit).toBe(exit);
  });
});

describe('an error', () => {
  it('knows its name, exit code and whether to try again', () => {
    const error = new LockError('SLIPWAY_LOCK_TIMEOUT', 'held', { cause: new Error('why') });
    expect(error).toMatchObject({ name: 'LockError', exitCode: 22, transient: true, details: {} });
    expect(error.cause).toBeInstanceOf(Error);
    expect(new UsageError('SLIPWAY_USAGE', 'wrong').transient).toBe(false);
  });

  it('is a bug where a switch forgot a case', () => {
    expect(() => assertNever('new case' as never)).toThrow(
      expect.objectContaining({ code: 'SLIPWAY_INTERNAL' }),
    );
    expect(() => assertNever(undefined as never)).toThrow(SlipwayError);
  });
});

describe('a diagnosis', () => {
  const failed = (details: SlipwayError['details'], hint?: string): Diagnosis =>
    diagnose(new RunError('SLIPWAY_REVISION_FAILED', 'revision "c" failed', { details, hint }));

  it('has everything, the most important first', () => {
    const lines = diagnosisLines(
      failed(
        {
          excerpt: '   3 | bad\n     | ^',
          sqlState: '42601',
          detail: 'more',
          hint: 'try',
          where: 'PL/pgSQL function f()',
          rolledBack: true,
          heads: ['b'],
          finished: ['a', 'b'],
        },
        'Correct it.',
      ),
    );
    expect(lines).toEqual([
      'SLIPWAY_REVISION_FAILED (exit 12): revision "c" failed',
      '   3 | bad',
      '     | ^',
      'sqlstate: 42601',
      'detail: more',
      'hint: try',
      'context: PL/pgSQL function f()',
      'rolled back: nothing of this revision is left in the database',
      'applied before it in this run: a, b',
      'the database is at b',
      'next: Correct it.',
      'more: slipway explain SLIPWAY_REVISION_FAILED',
    ]);
  });

  it('says nothing that is not known', () => {
    expect(diagnosisLines(failed({ detail: '', excerpt: undefined }))).toEqual([
      'SLIPWAY_REVISION_FAILED (exit 12): revision "c" failed',
      'more: slipway explain SLIPWAY_REVISION_FAILED',
    ]);
  });

  it('says what is left behind outside a transaction, and that a database is empty', () => {
    const text = diagnosisLines(failed({ rolledBack: false, heads: [], finished: [] })).join('\n');
    expect(text).toContain('not rolled back');
    expect(text).toContain('the database is empty of revisions');
    expect(text).not.toContain('applied before it');
  });

  it('shortens a long list of what was applied', () => {
    const finished = Array.from({ length: 900 }, (_, i) => `r${i}`);
    expect(diagnosisLines(failed({ finished })).join('\n')).toContain('r0, r1 … r899 (900)');
  });
});

import { describe, expect, it } from 'vitest';
import { compatibilityOf } from '../../../src/analysis/compatibility.ts';
import { prepareScript } from '../../../src/analysis/script.ts';
import { revisionOf } from './support.ts';

async function compatibility(sql: string, header: readonly string[] = []) {
  const revision = revisionOf(sql, header);
  return compatibilityOf(revision, await prepareScript(revision, revision.up));
}

describe('the compatibility of a revision', () => {
  it('is that of its worst statement, and says where it stands', async () => {
    const sql = [
      'create table t (a int);',
      'select f();',
      '  alter table users drop column phone;',
      'drop table audit;',
    ].join('\n');
    expect(await compatibility(sql)).toEqual({
      verdict: 'no',
      reason: expect.stringContaining('users.phone'),
      statement: { line: 6, column: 3, text: 'alter table users drop column phone' },
    });
  });

  it('is unknown when a statement is, and none breaks', async () => {
    expect(await compatibility('create table t (a int); call f(); do $$ $$;')).toMatchObject({
      verdict: 'unknown',
      statement: { text: 'call f()' },
    });
  });

  it('is yes when every statement is compatible', async () => {
    expect(
      await compatibility('create table t (a int); comment on table t is null;'),
    ).toMatchObject({ verdict: 'yes' });
  });

  it('is the word of its header before anything else', async () => {
    const header = ['compatible yes nobody reads the column any more'];
    expect(await compatibility('alter table users drop column phone', header)).toEqual({
      verdict: 'yes',
      reason: 'nobody reads the column any more',
    });
  });

  it('is yes for a revision that does nothing', async () => {
    expect(await compatibility('')).toMatchObject({ verdict: 'yes' });
  });

  it('is unknown for SQL that the parser does not understand', async () => {
    expect(await compatibility('frobnicate users')).toMatchObject({
      verdict: 'unknown',
      statement: { text: 'frobnicate users' },
    });
  });
});

describe('a script that the parser does not understand', () => {
  it('claims nothing about its statement', async () => {
    const revision = revisionOf('frobnicate users');
    const script = await prepareScript(revision, revision.up);
    expect(script.parsed).toBe(false);
    expect(script.statements.map((each) => each.facts)).toEqual([
      {
        compatibility: { verdict: 'unknown', reason: expect.any(String) },
        dataLoss: [],
        transactional: true,
        interruption: 'unknown',
        postcondition: undefined,
        locks: [],
        work: [],
        opaque: true,
      },
    ]);
  });
});

/** What is accepted as a TypeScript revision, and what is said about the rest. */

import { describe, expect, it } from 'vitest';
import type { RevisionFileError } from '../../../src/core/errors.ts';
import { checkDefinition } from '../../../src/typescript/check-definition.ts';

const run = async () => {};
const least = { revision: 'a1', up: run, down: run };

function check(definition: unknown, source = '') {
  return checkDefinition(definition, { file: 'migrations/a.ts', source });
}

function refusal(definition: unknown, source = ''): RevisionFileError {
  try {
    check(definition, source);
  } catch (error) {
    return error as RevisionFileError;
  }
  throw new Error('it was accepted');
}

describe('a definition', () => {
  it('needs an id, a way there and a way back, and gets defaults for the rest', () => {
    expect(check(least).header).toEqual({
      id: 'a1',
      revises: [],
      dependsOn: [],
      labels: [],
      phase: 'expand',
      description: '',
      lockTimeoutMs: undefined,
      statementTimeoutMs: undefined,
      irreversible: undefined,
      compatible: undefined,
      approvals: [],
      ignores: [],
    });
  });

  it('says everything that the header of an SQL revision says', () => {
    const { header } = check({
      revision: 'c',
      revises: ['a', 'b'],
      dependsOn: 'd',
      labels: ['billing'],
      description: 'Move the\n  phones',
      phase: 'contract',
      compatible: { verdict: 'yes', reason: 'nobody reads it' },
      lockTimeout: '500ms',
      statementTimeout: '5min',
      irreversible: 'hashes',
      approve: [{ hazard: 'unknown', reason: 'never filled' }],
      ignore: [{ rule: 'some-rule', reason: 'a small table' }],
      up: run,
      verify: undefined,
    });
    expect(header).toEqual({
      id: 'c',
      revises: ['a', 'b'],
      dependsOn: ['d'],
      labels: ['billing'],
      phase: 'contract',
      description: 'Move the phones',
      lockTimeoutMs: 500,
      statementTimeoutMs: 300_000,
      irreversible: 'hashes',
      compatible: { verdict: 'yes', reason: 'nobody reads it' },
      approvals: [{ hazard: 'unknown', reason: 'never filled' }],
      ignores: [{ rule: 'some-rule', reason: 'a small table' }],
    });
  });

  it.each([
    ['revision', 'not an id'],
    ['revision', 'head'],
    ['revision', 7],
    ['revises', ['a', 'a']],
    ['revises', 'a b'],
    ['revises', null],
    ['dependsOn', ['ok', 'not ok']],
    ['labels', ['base']],
    ['description', ['text']],
    ['phase', 'contrat'],
    ['compatible', 'yes'],
    ['compatible', { verdict: 'maybe', reason: 'who knows' }],
    ['compatible', { verdict: 'yes', reason: ' ' }],
    ['lockTimeout', 500],
    ['lockTimeout', '500'],
    ['statementTimeout', 'soon'],
    ['irreversible', true],
    ['approve', 'unknown'],
    ['approve', [{ hazard: 'everything', reason: 'why not' }]],
    ['ignore', { rule: 'a', reason: 'b' }],
    ['ignore', [{ rule: 'a' }]],
    ['up', 'create table a ()'],
    ['verify', 'select 1'],
    ['down', null],
  ])('is refused where %s is %j, with the way to write it', (key, value) => {
    const error = refusal({ ...least, [key]: value });
    expect(error).toMatchObject({
      code: 'SLIPWAY_FILE_MALFORMED',
      details: { line: 1, column: 1 },
    });
    expect(error.message).toContain(`"${key}" may not be`);
    expect(error.hint).toMatch(new RegExp(`^Write ${key}: `));
  });

  it.each([
    ['revision', { up: run, down: run }],
    ['up', { revision: 'a', down: run }],
    ['down', { revision: 'a', up: run }],
  ])('is refused without %s', (key, definition) => {
    expect(refusal(definition).message).toContain(`"${key}" is missing`);
  });

  it('cannot have a way back and be irreversible', () => {
    expect(refusal({ ...least, irreversible: 'no' }).message).toContain(
      'there is a function "down"',
    );
  });

  it.each([
    ['dependOn', 'Did you mean "dependsOn"?'],
    ['lock_timeout', 'Did you mean "lockTimeout"?'],
    ['transaction', expect.stringContaining('an SQL revision')],
    ['frobnicate', expect.stringContaining('It knows revision, revises')],
  ])('is refused with the key "%s", and says what to do', (key, hint) => {
    expect(refusal({ ...least, [key]: 'none' }).hint).toEqual(hint);
  });

  it.each([
    ['nothing', undefined, 'there is no default export'],
    ['a function', run, 'the default export is not a revision'],
    ['an array', [least], 'the default export is not a revision'],
    ['a promise', Promise.resolve(least), 'the default export is not a revision'],
    ['null', null, 'the default export is not a revision'],
  ])('is not %s', (_, value, problem) => {
    expect(refusal(value).message).toBe(`migrations/a.ts:1:1: ${problem}`);
  });

  it('is refused at the property that is wrong', () => {
    const source = "export default defineRevision({\n  revision: 'a1',\n  phase: 'later',\n});\n";
    const error = refusal({ ...least, phase: 'later' }, source);
    expect(error.message).toBe('migrations/a.ts:3:3: "phase" may not be "later"');
    expect(error.details).toMatchObject({ file: 'migrations/a.ts', line: 3, column: 3 });
    expect(error.details['excerpt']).toContain("3 |   phase: 'later',");
  });

  it('is refused where it begins when a property is missing', () => {
    const source = '// a\nexport default defineRevision({});\n';
    expect(refusal({}, source).message).toMatch(/^migrations\/a\.ts:2:31: /);
  });
});

describe('the functions of a definition', () => {
  const db = { query: async () => ({ rows: [], rowCount: null }) };

  it('answer nothing, whatever the file returns', async () => {
    const { functions } = check({ ...least, up: async () => 7, down: () => 8 });
    expect(await functions.up(db)).toBeUndefined();
    expect(await functions.down?.(db)).toBeUndefined();
  });

  it.each([true, false, undefined])('may verify with %s', async (answer) => {
    const { functions } = check({ ...least, verify: async () => answer });
    expect(await functions.verify?.(db)).toBe(answer);
  });

  it('may not verify with a result that was not looked at', async () => {
    const { functions } = check({ ...least, verify: async () => ({ rows: [] }) });
    await expect(functions.verify?.(db)).rejects.toThrow(
      'verify must answer true, false or nothing',
    );
  });

  it('are not there when the file has none', () => {
    const { functions } = check({ revision: 'a', up: run, irreversible: 'no' });
    expect(functions).toMatchObject({ verify: undefined, down: undefined });
  });
});

/** What a list of targets may look like. */

import { describe, expect, it } from 'vitest';
import { readTargetFile, readTargetRows } from '../../../src/config/fleet-targets.ts';
import { ConfigError } from '../../../src/core/errors.ts';

const names = (text: string) => readTargetFile('list', text).map(({ name }) => name);

describe('a file of targets', () => {
  it('has lines with a name and a URL, objects, comments and empty lines', () => {
    const text = [
      '# tenants',
      '',
      'acme   postgres://db/acme',
      '\t{"name": "globex", "database": "globex"}\r',
      '{"database": "shop", "schema": "initech"}',
    ].join('\n');
    const [acme, globex, initech] = readTargetFile('list', text);
    expect(acme).toMatchObject({ name: 'acme', place: 'list:3', schema: undefined });
    expect(acme?.url?.reveal()).toBe('postgres://db/acme');
    expect(globex).toMatchObject({ name: 'globex', place: 'list:4', database: 'globex' });
    expect(initech).toMatchObject({ name: 'shop/initech', database: 'shop', schema: 'initech' });
  });

  it('may be one array', () => {
    const text = ' [{"schema": "a"}, {"schema": "b", "role": "owner"}]\n';
    expect(readTargetFile('list', text)).toMatchObject([
      { name: 'a', place: 'list, target 1', role: undefined },
      { name: 'b', role: 'owner' },
    ]);
    expect(names('[]')).toEqual([]);
    expect(names('')).toEqual([]);
  });

  it('never shows a URL when it is printed', () => {
    const list = readTargetFile('list', 'a postgres://me:hunter2@db/a');
    expect(JSON.stringify(list)).not.toContain('hunter2');
  });

  it.each([
    ['acme', 'list:1 is neither'],
    ['acme mysql://me:hunter2@db/a', 'list:1 is neither'],
    ['acme postgres://me:hunter2@db/a more', 'list:1 is neither'],
    ['{"name": "hunter2}', 'list:1 is not JSON'],
    ['[{"name": "a"} {"name": "hunter2"}]', 'list is not JSON'],
    ['[3]', 'list, target 1 is not an object'],
    ['{"url": "postgres://db/a"}', 'has no name'],
    ['{"schema": ""}', 'has a schema that is no text'],
    ['{"schema": 3}', 'has a schema that is no text'],
    ['{"name": "a\\u001b[2J", "schema": "a"}', 'control characters'],
    ['{"scheme": "a"}', 'unknown key "scheme"'],
    ['{"postgres://me:hunter2@db/a": 1}', 'has an unknown key'],
  ])('is refused with its place and without a value: %s', (text, message) => {
    const read = () => readTargetFile('list', text);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
    expect(read).not.toThrow('hunter2');
  });

  it('guesses what a wrong key was to be', () => {
    expect.assertions(1);
    try {
      names('{"scheme": "a"}');
    } catch (error) {
      expect((error as ConfigError).hint).toBe('Did you mean "schema"?');
    }
  });
});

describe('the rows of a query', () => {
  it('have a column for each thing that is said', () => {
    const rows = [
      { name: 'a', database: null, schema: 'a', history_schema: 'h', url_file: null },
      { schema: 'b' },
    ];
    expect(readTargetRows(rows)).toMatchObject([
      { name: 'a', schema: 'a', database: undefined, historySchema: 'h' },
      { name: 'b', place: 'row 2 of --targets-sql' },
    ]);
    expect(() => readTargetRows([{ nam: 'a' }])).toThrow('row 1 of --targets-sql');
    expect(() => readTargetRows([{ name: null }])).toThrow('has no name');
  });
});

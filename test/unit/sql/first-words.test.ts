/** What SQL is, judged by its first words. */

import { describe, expect, it } from 'vitest';
import {
  commandOfText,
  copiesWithClient,
  hasTransactionControl,
} from '../../../src/sql/first-words.ts';

describe('the first words of SQL', () => {
  it.each([
    ['create table a (id int)', 'create table'],
    ['-- why\n  /* and how */ UPDATE users set a = 1', 'update'],
    ['with x as (select 1) select * from x', 'with'],
    ['drop index concurrently a', 'drop index'],
    ['', 'sql'],
    ['-- only a comment', 'sql'],
  ])('name the command of %j', (text, command) => expect(commandOfText(text)).toBe(command));

  it.each([
    'commit',
    'COMMIT;',
    '/* done */ rollback',
    'select 1; end',
    'begin',
    'start transaction',
    "prepare transaction 'x'",
    'abort',
  ])('know transaction control: %s', (text) => expect(hasTransactionControl(text)).toBe(true));

  it.each([
    ['copy t from stdin', true],
    ['/* rows */ COPY t (a, b)\nFROM STDIN with (format csv)', true],
    ['copy (select 1) to stdout', true],
    ["copy t from '/tmp/rows'", false],
    ["select 'copy t from stdin'", false],
    ['insert into copy select 1', false],
  ])('know rows that the client would have to send or take: %j', (text, copies) =>
    expect(copiesWithClient(text)).toBe(copies),
  );

  it.each([
    'savepoint a',
    'rollback to a',
    'rollback work to savepoint a',
    'prepare p as select 1',
    "select 'commit; rollback'",
    'do $$ begin perform 1; end $$',
    'comment on table a is null',
    'update commits set a = 1',
  ])('let pass: %s', (text) => expect(hasTransactionControl(text)).toBe(false));
});

/** Rules about types of text, time and documents that are seldom what was meant. */

import { typeIdentifier, typeWords } from '../../analysis/tree.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { type TypedColumn, typedColumns } from '../column-types.ts';
import { chosenName, relationSql } from '../rewrite.ts';
import type { Problem, Rule } from '../rule.ts';
import { problem, withType } from './number-types.ts';

/** `prefer-text`. */
export const PREFER_TEXT: Rule = {
  id: 'prefer-text',
  severity: 'off',
  title: '`varchar` with a length, where `text` with a check is easier to change',
  why: `\`varchar(n)\` and \`text\` are stored alike and equally fast. To make the length smaller, Postgres reads the whole table under \`access exclusive\`; each change, in either direction, takes that lock and drops the plans of views that use the column. A check constraint is swapped with \`not valid\` and \`validate\`, while everybody goes on working.`,
  examples: [
    {
      bad: 'create table app_user (id bigint primary key, email varchar(100) not null);',
      good: `create table app_user (id bigint primary key, email text not null);
alter table app_user add constraint text_size check (length(email) <= 100);`,
    },
  ],
  covers: ['squawk:prefer-text-field'],
  statement: (linted) =>
    typedColumns(linted).flatMap((column) => {
      const [length] = column.type.typmods ?? [];
      if (typeIdentifier(column.type) !== 'varchar' || length === undefined) return [];
      return [
        problem(linted, column, {
          message: `column ${column.words} is ${typeWords(column.type)}, whose length is hard to change`,
          why: 'Every change of it takes access exclusive on the table; a smaller one reads all rows under it.',
          rewrite: textWithCheck(column),
        }),
      ];
    }),
};

function textWithCheck(column: TypedColumn): string {
  const { type, name, relation } = column;
  const [, length = ''] = /\((\d+)\)/.exec(typeWords(type)) ?? [];
  const brackets = '[]'.repeat(type.arrayBounds?.length ?? 0);
  if (brackets !== '') return withType(column, `text${brackets}`);
  const check = `constraint ${quoteIdentifier(chosenName(relation, [name], 'check'))} check (length(${quoteIdentifier(name)}) <= ${length})`;
  return column.isOld
    ? `${withType(column, 'text')}
alter table ${relationSql(relation)} add ${check} not valid;`
    : withType(column, `text ${check}`);
}

/** `char-type`. */
export const CHAR_TYPE: Rule = {
  id: 'char-type',
  severity: 'warning',
  title: '`char(n)`, which fills every value up with blanks',
  why: `\`char(n)\` (\`character\`, \`bpchar\`) pads each value to its length: it takes more room and is slower than \`text\`, and blanks at the end count in some comparisons and not in others. \`char\` without a length is \`char(1)\`. Postgres' manual advises against it.`,
  instead:
    'Use `text` or `varchar(n)`. (`"char"` in quotes is another type, of one byte, and is not meant.)',
  examples: [
    {
      bad: 'create table app_user (id bigint primary key, name char(100) not null, initial character not null);',
      good: 'create table app_user (id bigint primary key, name varchar(100) not null, initial text not null);',
    },
  ],
  covers: ['squawk:ban-char-field'],
  statement: (linted) =>
    typedColumns(linted).flatMap((column): readonly Problem[] => {
      if (typeIdentifier(column.type) !== 'bpchar') return [];
      return [
        problem(linted, column, {
          message: `column ${column.words} is ${typeWords(column.type)}, which fills values up with blanks`,
          why: 'It takes more room than text and is not faster; blanks at the end come and go in comparisons.',
          rewrite: withType(column, variableType(typeWords(column.type))),
        }),
      ];
    }),
};

/** `char(1)` is what `char` without a length is, too. */
function variableType(words: string): string {
  return words.replace(/^char(?:\(1\))?(?=\[|$)/, 'text').replace(/^char\(/, 'varchar(');
}

/** `timestamp-without-time-zone`. */
export const TIMESTAMP_WITHOUT_TIME_ZONE: Rule = {
  id: 'timestamp-without-time-zone',
  severity: 'off',
  title: '`timestamp` without time zone, which forgets which moment it was',
  why: `\`timestamp\` throws away the offset that a client sends: \`21:11+02\` and \`21:11-06\` become the same value, eight hours apart. \`now()\` is converted by the time zone of whichever session writes. \`timestamptz\` takes the same eight bytes, and is a moment everywhere.`,
  examples: [
    {
      bad: 'create table app.users (created_at timestamp, modified_at timestamp without time zone);',
      good: 'create table app.users (created_at timestamptz, modified_at timestamptz);',
    },
  ],
  covers: ['squawk:prefer-timestamp-tz'],
  statement: (linted) =>
    typedColumns(linted).flatMap((column) => {
      if (typeIdentifier(column.type) !== 'timestamp') return [];
      return [
        problem(linted, column, {
          message: `column ${column.words} is ${typeWords(column.type)} without time zone, which drops the offset of what is written`,
          why: 'Two sessions in different time zones store different values for the same moment.',
          rewrite: withType(column, typeWords(column.type).replace('timestamp', 'timestamptz')),
        }),
      ];
    }),
};

/** `json-column`. */
export const JSON_COLUMN: Rule = {
  id: 'json-column',
  severity: 'warning',
  title: 'a `json` column, which cannot be compared',
  why: `\`json\` has no equality: \`select distinct\`, \`group by\`, \`union\` and \`=\` over rows with such a column fail with \`could not identify an equality operator\`. Added to a table that is in use, it breaks queries of running code that do so with \`*\`. It keeps the text as it was written and parses it at every look.`,
  instead:
    'Use `jsonb`. (Where the very text must be kept, with its blanks and double keys: `text`.)',
  examples: [
    {
      bad: 'alter table users add column properties json;',
      good: 'alter table users add column properties jsonb;',
    },
  ],
  covers: ['strong_migrations:add_column_json'],
  statement: (linted) =>
    typedColumns(linted).flatMap((column) => {
      if (typeIdentifier(column.type) !== 'json') return [];
      return [
        problem(linted, column, {
          message: `column ${column.words} is ${typeWords(column.type)}, which has no equality`,
          why: 'select distinct, group by and union over the rows of the table fail from then on.',
          rewrite: withType(column, typeWords(column.type).replace('json', 'jsonb')),
        }),
      ];
    }),
};

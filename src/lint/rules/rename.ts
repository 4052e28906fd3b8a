/** Rules about names that code of the previous release still uses when they change. */

import {
  bodyOf,
  kindWords,
  nameOf,
  relationName,
  relationWords,
  words,
} from '../../analysis/tree.ts';
import { breaksOldCode } from '../breaking.ts';
import {
  AFTER_ROLLOUT,
  BEFORE_ROLLOUT,
  inContract,
  nameSql,
  revisionSteps,
} from '../revision-text.ts';
import { relationSql } from '../rewrite.ts';
import type { Rule } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

const WHY_NAMES = `Pods of the previous release run until the rollout is through, and again after a rollback. They know only the old name, and every query of theirs that says it fails; new pods know only the new one. There is no moment at which a plain rename suits both.`;

const TABLES = new Set(['OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE']);

/** `rename-table`. */
export const RENAME_TABLE: Rule = {
  id: 'rename-table',
  severity: 'error',
  title: 'a table gets another name while code still uses the old one',
  why: `${WHY_NAMES}

The rename itself takes \`access exclusive\` for a moment.`,
  instead: `Before the rollout, create a view of the new name over the table; simple views take \`insert\`, \`update\` and \`delete\` as well. After it, in a contract revision, drop the view and rename the table in one transaction. Or leave the table its name, and change it only in the code.`,
  examples: [
    {
      bad: 'alter table user_stars rename to user_favorites;',
      good: 'create view user_favorites as select * from user_stars;',
    },
    {
      bad: 'alter table user_stars rename to user_favorites;',
      good: `-- slipway:revision r3
-- slipway:revises r2
-- slipway:phase contract
-- Give user_favorites its name

-- slipway:up
drop view user_favorites;
alter table user_stars rename to user_favorites;

-- slipway:down
alter table user_favorites rename to user_stars;
create view user_favorites as select * from user_stars;`,
    },
  ],
  covers: ['squawk:renaming-table', 'strong_migrations:rename_table', 'atlas:BC101'],
  statement(statement) {
    const rename = bodyOf(statement.node, 'RenameStmt');
    if (rename === undefined || !TABLES.has(rename.renameType ?? '')) return [];
    if (!breaksOldCode(statement)) return [];
    const from = relationSql(rename.relation);
    const to = nameSql([...relationName(rename.relation).slice(0, -1), rename.newname ?? '']);
    const create = `create view ${to} as select * from ${from};`;
    return [
      {
        message: `renames table ${relationWords(rename.relation)} to ${words([rename.newname ?? ''])}, which code of the previous release still calls by its old name`,
        ...placeOfName(statement, rename.newname),
        why: 'Old pods fail at the new name, new pods at the old one. A view has both until the rollout is through.',
        rewrite: revisionSteps([
          {
            when: BEFORE_ROLLOUT,
            header: ['phase expand'],
            up: create,
            down: `drop view ${to};`,
          },
          {
            when: AFTER_ROLLOUT,
            header: ['phase contract'],
            up: `drop view ${to};\n${statement.statement.text};`,
            down: `alter table ${to} rename to ${nameSql([rename.relation?.relname ?? ''])};\n${create}`,
          },
        ]),
      },
    ];
  },
};

/** `rename-schema`. */
export const RENAME_SCHEMA: Rule = {
  id: 'rename-schema',
  severity: 'error',
  title: 'a schema gets another name while code still uses the old one',
  why: `${WHY_NAMES} A \`search_path\` that names a schema which is not there is no error: queries then find another table, or none.`,
  instead: `Leave the schema its name. Or create the new one beside it, with views over the tables; move the tables in a contract revision.`,
  examples: [
    {
      bad: 'alter schema users rename to customers;',
      good: `create schema customers;
create view customers.accounts as select * from users.accounts;`,
    },
  ],
  covers: ['strong_migrations:rename_schema'],
  statement(statement) {
    const rename = bodyOf(statement.node, 'RenameStmt');
    if (rename?.renameType !== 'OBJECT_SCHEMA' || !breaksOldCode(statement)) return [];
    const from = rename.subname ?? '';
    const to = rename.newname ?? '';
    return [
      {
        message: `renames schema ${words([from])} to ${words([to])}, which code of the previous release still calls by its old name`,
        ...placeOfName(statement, from),
        why: 'Old pods find nothing under the old name, new pods nothing under the new one.',
        rewrite: revisionSteps([
          {
            when: BEFORE_ROLLOUT,
            header: ['phase expand'],
            up: `create schema ${nameSql([to])};
-- for each table in it:
create view ${nameSql([to])}.<table> as select * from ${nameSql([from])}.<table>;`,
            down: `drop view ${nameSql([to])}.<table>;
drop schema ${nameSql([to])};`,
          },
          {
            when: AFTER_ROLLOUT,
            header: ['phase contract'],
            up: `-- for each view in it:
drop view ${nameSql([to])}.<table>;
drop schema ${nameSql([to])};
${statement.statement.text};`,
            down: `alter schema ${nameSql([to])} rename to ${nameSql([from])};
create schema ${nameSql([to])};
-- for each table in it:
create view ${nameSql([to])}.<table> as select * from ${nameSql([from])}.<table>;`,
          },
        ]),
      },
    ];
  },
};

/** `set-schema`. */
export const SET_SCHEMA: Rule = {
  id: 'set-schema',
  severity: 'error',
  title: 'an object moves to another schema while code still looks for it where it was',
  why: `${WHY_NAMES} Where both schemas are in the \`search_path\` of all code, nobody notices: say so in the header.`,
  instead: `Leave a view behind, or put one where the object will be; move the object itself in a contract revision.`,
  examples: [
    {
      bad: 'alter table invoices set schema billing;',
      good: 'create view billing.invoices as select * from invoices;',
    },
  ],
  covers: [],
  statement(statement) {
    const move = bodyOf(statement.node, 'AlterObjectSchemaStmt');
    if (move === undefined || !breaksOldCode(statement)) return [];
    const kind = kindWords(move.objectType);
    const name = move.relation === undefined ? nameOf(move.object) : relationName(move.relation);
    const to = [move.newschema ?? '', name.at(-1) ?? ''];
    const message = `moves ${kind} ${words(name)} to schema ${words([move.newschema ?? ''])}, where code of the previous release does not look for it`;
    const why =
      'Old pods look for it where it was, unless both schemas are in their search_path: then say so with compatible yes.';
    const at = placeOfName(statement, move.newschema);
    if (!TABLES.has(move.objectType ?? '')) {
      const down = `-- <moves ${kind} ${words(to)} back>`;
      return [{ message, why, ...at, rewrite: inContract(statement, { losesData: false, down }) }];
    }
    const create = `create view ${nameSql(to)} as select * from ${nameSql(name)};`;
    return [
      {
        message,
        why,
        ...at,
        rewrite: revisionSteps([
          {
            when: BEFORE_ROLLOUT,
            header: ['phase expand'],
            up: create,
            down: `drop view ${nameSql(to)};`,
          },
          {
            when: AFTER_ROLLOUT,
            header: ['phase contract'],
            up: `drop view ${nameSql(to)};\n${statement.statement.text};`,
            down: `alter table ${nameSql(to)} set schema ${nameSql([name.length > 1 ? (name[0] ?? '') : 'public'])};\n${create}`,
          },
        ]),
      },
    ];
  },
};

/** Rules about values of enums, views, functions and the like that get another name. */

import { bodyOf, kindWords, nameOf, relationName, stringsOf, words } from '../../analysis/tree.ts';
import { quoteLiteral } from '../../sql/identifiers.ts';
import { breaksOldCode } from '../breaking.ts';
import {
  AFTER_ROLLOUT,
  BEFORE_ROLLOUT,
  inContract,
  nameSql,
  revisionSteps,
} from '../revision-text.ts';
import type { Rule } from '../rule.ts';
import { placeOfName } from '../word-place.ts';

/** `rename-enum-value`. */
export const RENAME_ENUM_VALUE: Rule = {
  id: 'rename-enum-value',
  severity: 'error',
  title: 'a value of an enum gets another name while code still writes the old one',
  why: `Pods of the previous release go on writing the old label, and compare what they read with it: the first is refused, the second silently finds nothing. All rows change their label at once.`,
  instead: `Add the new label beside the old one, write it in the next release, and move the rows with a backfill in a contract revision. Postgres cannot drop a label; it may stay unused.`,
  examples: [
    {
      bad: `alter type status rename value 'done' to 'completed';`,
      good: `alter type status add value 'completed' after 'done';`,
    },
  ],
  covers: ['strong_migrations:rename_enum_value'],
  statement(statement) {
    const alter = bodyOf(statement.node, 'AlterEnumStmt');
    if (alter?.oldVal === undefined || !breaksOldCode(statement)) return [];
    const type = stringsOf(alter.typeName);
    const from = quoteLiteral(alter.oldVal);
    const to = quoteLiteral(alter.newVal ?? '');
    return [
      {
        message: `renames value ${from} of type ${words(type)} to ${to}, which code of the previous release still writes`,
        why: 'Old pods write the old label, which is refused, and no longer find the rows that had it.',
        rewrite: revisionSteps([
          {
            when: BEFORE_ROLLOUT,
            header: ['phase expand', 'irreversible Postgres cannot drop a label'],
            up: `alter type ${nameSql(type)} add value ${to} after ${from};`,
          },
          {
            when: AFTER_ROLLOUT,
            header: ['phase contract', 'transaction none'],
            up: `-- for each column of the type:
-- slipway:backfill table=<table> key=<key> batch=5000
update <table> set <column> = ${to}
where <key> between :from and :to and <column> = ${from};`,
            down: '',
          },
        ]),
      },
    ];
  },
};

const ELSEWHERE = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_COLUMN',
  'OBJECT_SCHEMA',
]);

/** `rename-object`. */
export const RENAME_OBJECT: Rule = {
  id: 'rename-object',
  severity: 'error',
  title: 'a view, function, type or sequence gets another name while code still uses the old one',
  why: `Pods of the previous release run until the rollout is through, and again after a rollback. They know only the old name, and whatever of theirs says it fails; new pods know only the new one.`,
  instead: `Create the new one under its new name beside the old one, before the rollout; drop the old one in a contract revision.`,
  examples: [
    {
      bad: 'alter view active_users rename to current_users;',
      good: 'create view current_users as select * from active_users;',
    },
    {
      bad: 'alter function total(bigint) rename to order_total;',
      good: `create function order_total(bigint) returns numeric language sql as 'select total($1)';`,
    },
  ],
  covers: [],
  statement(statement) {
    const rename = bodyOf(statement.node, 'RenameStmt');
    if (rename === undefined || ELSEWHERE.has(rename.renameType ?? '')) return [];
    if (!breaksOldCode(statement)) return [];
    const kind = kindWords(rename.renameType);
    const owner =
      rename.relation === undefined ? nameOf(rename.object) : relationName(rename.relation);
    const name = words(rename.subname === undefined ? owner : [...owner, rename.subname]);
    return [
      {
        message: `renames ${kind} ${name} to ${words([rename.newname ?? ''])}, which code of the previous release still calls by its old name`,
        ...placeOfName(statement, rename.newname),
        why: 'Old pods fail at the new name, new pods at the old one. Only two objects, or a rename after the rollout, suit both.',
        rewrite: `-- before the rollout, ${words([rename.newname ?? ''])} beside ${name};
-- where only a later release uses the new name:
${inContract(statement, { losesData: false, down: `-- <renames ${words([rename.newname ?? ''])} back>` })}`,
      },
    ];
  },
};

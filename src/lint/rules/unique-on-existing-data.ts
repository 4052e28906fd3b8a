/** The rule about unique indexes over rows that nobody has looked at. */

import { isNewRelation, newColumn } from '../../analysis/created.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  relationWords,
  words,
} from '../../analysis/tree.ts';
import { breaksOldCode } from '../breaking.ts';
import { mayBeSame, statementsBefore } from '../history.ts';
import { indexName } from '../index-name.ts';
import { AFTER_ROLLOUT, nameSql, revisionSteps } from '../revision-text.ts';
import { relationSql } from '../rewrite.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';

/** `unique-index-on-existing-data`. */
export const UNIQUE_INDEX_ON_EXISTING_DATA: Rule = {
  id: 'unique-index-on-existing-data',
  severity: 'warning',
  title: 'a unique index over existing rows, which fails where two of them are alike',
  why: `The index is built from the rows that are there. When the first two with the same key turn up, the whole build was for nothing: built concurrently, it took two passes over the table by then, and leaves an invalid index behind (slipway drops that one before it tries again). The rollout stops there.

Before the contract phase it also refuses what code of the previous release goes on writing.`,
  instead: `Look first, and merge or remove what is there twice in an earlier statement or revision of the release. Then build the index concurrently, in a contract revision. Where you know that there are none, say so in the header: \`compatible yes <reason>\`.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:transaction none
-- One user for each e-mail address

-- slipway:up
create unique index concurrently users_email_key on users (email);

-- slipway:down
drop index concurrently users_email_key;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:transaction none
-- One user for each e-mail address

-- slipway:up
-- slipway:backfill table=users key=id batch=5000
delete from users a using users b
where a.id between :from and :to and a.email = b.email and a.id > b.id;
create unique index concurrently users_email_key on users (email);

-- slipway:down
drop index concurrently users_email_key;`,
    },
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- One user for each e-mail address

-- slipway:up
create unique index concurrently users_email_key on users (email);

-- slipway:down
drop index concurrently users_email_key;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes sign-up has refused known addresses since release 12
-- slipway:transaction none
-- One user for each e-mail address

-- slipway:up
create unique index concurrently users_email_key on users (email);

-- slipway:down
drop index concurrently users_email_key;`,
    },
  ],
  covers: ['atlas:MF101', 'atlas:MF102'],
  statement(linted, context) {
    const index = bodyOf(linted.node, 'IndexStmt');
    if (index?.unique !== true || linted.section !== 'up') return [];
    if (linted.revision.compatible?.verdict === 'yes') return [];
    if (isNewRelation(context.created, index.relation)) return [];
    const keys = bodiesOf(index.indexParams, 'IndexElem');
    if (keys.some((key) => isNewKey(key, index, context)) || isCleaned(linted, index, context)) {
      return [];
    }
    return [problem(linted, index, context)];
  },
};

/** A column of this release has its own value in each row, or none. */
function isNewKey(
  key: Body<'IndexElem'>,
  index: Body<'IndexStmt'>,
  { created }: RuleContext,
): boolean {
  const value = newColumn(created, index.relation, key.name)?.value;
  return value === 'distinct' || (value === 'null' && index.nulls_not_distinct !== true);
}

/** Whether somebody went through the table's rows before: changed, removed or counted some. */
function isCleaned(
  linted: LintedStatement,
  { relation }: Body<'IndexStmt'>,
  context: RuleContext,
): boolean {
  const verified = context.earlier.flatMap(({ sections }) => sections.verify ?? []);
  return [...statementsBefore(linted, context), ...verified].some(({ node }) => {
    const write =
      bodyOf(node, 'DeleteStmt') ?? bodyOf(node, 'UpdateStmt') ?? bodyOf(node, 'MergeStmt');
    if (mayBeSame(write?.relation, relation)) return true;
    return descendants(bodyOf(node, 'SelectStmt') && node, 'SelectStmt').some(
      ({ groupClause, fromClause }) =>
        groupClause !== undefined &&
        bodiesOf(fromClause, 'RangeVar').some((from) => mayBeSame(from, relation)),
    );
  });
}

function problem(
  linted: LintedStatement,
  index: Body<'IndexStmt'>,
  { deparse }: RuleContext,
): Problem {
  const { relation } = index;
  const table = relationSql(relation);
  const keys = bodiesOf(index.indexParams, 'IndexElem');
  const key = keys
    .map((each) => (each.expr === undefined ? nameSql([each.name ?? '']) : deparse(each.expr)))
    .join(', ');
  const name = indexName(index);
  const where = index.whereClause === undefined ? '' : ` where ${deparse(index.whereClause)}`;
  const build = deparse({
    IndexStmt: { ...index, idxname: name, concurrent: true, if_not_exists: false },
  });
  const shown = words([name]);
  return {
    message: `creates unique index ${shown} on ${relationWords(relation)}, whose rows may be alike in ${key}`,
    why: breaksOldCode(linted)
      ? 'It fails at the first two rows that are alike, after the table was read. And pods of the previous release may go on writing such rows, which are then refused.'
      : 'It fails at the first two rows that are alike, after the table was read; the rollout stops there.',
    rewrite: `-- look first: this must find nothing
select ${key}, count(*) from ${table}${where} group by ${key} having count(*) > 1 limit 10;

${revisionSteps([
  {
    when: AFTER_ROLLOUT,
    header: ['phase contract', 'compatible yes <why no two rows are alike>', 'transaction none'],
    up: `${build};`,
    down: `drop index concurrently ${nameSql([...(relation?.schemaname === undefined ? [] : [relation.schemaname]), name])};`,
  },
])}`,
  };
}

/** The rule about lost data that nobody has approved, and those about what `cascade` takes along. */

import { holdsOnlyNewRows, isNewRelation } from '../../analysis/created.ts';
import { type Body, bodiesOf, bodyOf, relationWords, words } from '../../analysis/tree.ts';
import { approvalOf, breaksOldCode } from '../breaking.ts';
import { dropsOf } from '../drops.ts';
import { inContract, WHY_DATA_MAY_GO } from '../revision-text.ts';
import { relationSql } from '../rewrite.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';
import { placeOfName } from '../word-place.ts';
import { DROP_DATABASE, DROP_RULES } from './drop.ts';

/** `unapproved-data-loss`. */
export const UNAPPROVED_DATA_LOSS: Rule = {
  id: 'unapproved-data-loss',
  severity: 'error',
  title: 'data is lost for good, and the header does not approve it',
  why: `\`slipway upgrade\` looks at all pending revisions before it runs the first, and ends with exit 16 where one would lose data that nobody approved. The rollout stops there.

It counts what goes as a whole: dropped tables and columns, \`truncate\`, \`delete\` without a condition that chooses rows, a \`using\` that throws values away. Rows that a condition chose are taken for meant.`,
  instead: `Say in the header why it may go, where the reviewer sees it: \`approve data-loss <reason>\`. Where only some rows are meant, choose them with \`where\`.`,
  examples: [
    {
      bad: 'truncate sessions;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:approve data-loss everybody has to log in again anyway
-- Forget the sessions

-- slipway:up
truncate sessions;

-- slipway:down`,
    },
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Drop users.phone

-- slipway:up
alter table users drop column phone;

-- slipway:down
alter table users add column phone text;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- slipway:approve data-loss phones are in contacts since release 41
-- Drop users.phone

-- slipway:up
alter table users drop column phone;

-- slipway:down
alter table users add column phone text;`,
    },
  ],
  covers: [],
  statement(statement, context) {
    const { dataLoss } = statement.statement.facts;
    const { revision } = statement;
    if (!isUnapproved(statement) || statement.section !== 'up') return [];
    // One line in the header is missing, however many statements need it.
    if (statement.before.some(isUnapproved) || isSaidByDrop(statement, context)) return [];
    return [
      {
        message: `loses ${dataLoss.join(', ')}, which the header does not approve`,
        why: `slipway upgrade would end with exit 16 before it runs anything: revision "${revision.id}" needs a word from a person.`,
        rewrite: breaksOldCode(statement)
          ? inContract(statement, { losesData: true, down: '-- <what takes it back>' })
          : `-- in the header of this revision
-- slipway:approve data-loss ${WHY_DATA_MAY_GO}`,
      },
    ];
  },
};

function isUnapproved({ revision, statement }: LintedStatement): boolean {
  return statement.facts.dataLoss.length > 0 && approvalOf(revision, 'data-loss') === undefined;
}

/** A rule about the drop itself leads to the approval already, unless somebody ignores it. */
function isSaidByDrop(linted: LintedStatement, context: RuleContext): boolean {
  const ignored = [...linted.statement.ignores, ...linted.revision.ignores];
  const isIgnored = ({ id }: Rule): boolean => ignored.some(({ rule }) => rule === id);
  if (bodyOf(linted.node, 'DropdbStmt') !== undefined) return !isIgnored(DROP_DATABASE);
  return (
    breaksOldCode(linted) && dropsOf(linted, context).length > 0 && !DROP_RULES.some(isIgnored)
  );
}

/** `drop-cascade`. */
export const DROP_CASCADE: Rule = {
  id: 'drop-cascade',
  severity: 'warning',
  title: '`drop … cascade` takes along what the file does not name',
  why: `\`cascade\` drops everything that depends on the object: views of other teams, foreign keys of other tables, columns of a dropped type, all that is in a schema. Which ones, Postgres says in a notice when it is done; on the production database there may be more of them than on yours. The down section cannot know what to bring back.`,
  instead: `Leave \`cascade\` out: Postgres then refuses, and lists what depends on the object. Drop that by name, in this file, where the reviewer sees it.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Drop the view of active users

-- slipway:up
drop view active_users cascade;

-- slipway:down
create view active_users as select * from users where active;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- Drop the view of active users

-- slipway:up
drop view active_admins;
drop view active_users;

-- slipway:down
create view active_users as select * from users where active;
create view active_admins as select * from active_users where admin;`,
    },
  ],
  covers: [],
  statement(statement, context) {
    if (statement.section !== 'up') return [];
    const drops = dropsOf(statement, context).filter(({ cascades }) => cascades);
    const constraints = cascadingConstraints(statement, context);
    const names = [...drops.map((each) => each.words), ...constraints];
    if (names.length === 0) return [];
    return [
      {
        message: `drops ${names.join(', ')} with cascade, and with it what this file does not name`,
        ...placeOfName(statement, 'cascade'),
        why: 'What depends on it goes along unseen: views, foreign keys of other tables, columns of the type. The down section cannot bring back what nobody named.',
        rewrite: `-- without cascade Postgres refuses and lists what depends on it; drop that by name first
${withoutLastWord(statement)}`,
      },
    ];
  },
};

/** The statement up to its last `cascade`, which is the end of it or of its last command. */
function withoutLastWord(statement: LintedStatement): string {
  const { text, offset } = statement.statement;
  const { at } = placeOfName(statement, 'cascade');
  if (at === undefined) return `${text};`;
  const start = at - offset;
  return `${text.slice(0, start).trimEnd()}${text.slice(start + 'cascade'.length)};`;
}

function cascadingConstraints(
  { node }: LintedStatement,
  { created }: RuleContext,
): readonly string[] {
  const alter = bodyOf(node, 'AlterTableStmt');
  if (alter === undefined || isNewRelation(created, alter.relation)) return [];
  return bodiesOf(alter.cmds, 'AlterTableCmd')
    .filter(({ subtype, behavior }) => subtype === 'AT_DropConstraint' && behavior === CASCADE)
    .map(({ name }) => `constraint ${words([name ?? ''])} of ${relationWords(alter.relation)}`);
}

const CASCADE = 'DROP_CASCADE';

/** `truncate-cascade`. */
export const TRUNCATE_CASCADE: Rule = {
  id: 'truncate-cascade',
  severity: 'error',
  title: '`truncate … cascade` empties tables that the file does not name',
  why: `It empties every table whose foreign keys lead to the named one, and those that lead to these, as far as it goes: \`a\`, \`b\` and \`c\` for \`a <- b <- c\`. Each of them is locked \`access exclusive\` meanwhile.`,
  instead:
    'Name all tables that are meant. Without `cascade` Postgres refuses when one is missing.',
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:approve data-loss only test orders so far
-- Forget the test orders

-- slipway:up
truncate orders cascade;

-- slipway:down`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:approve data-loss only test orders so far
-- Forget the test orders

-- slipway:up
truncate orders, order_items;

-- slipway:down`,
    },
  ],
  covers: ['squawk:ban-truncate-cascade'],
  statement(statement, { created }) {
    const truncate = bodyOf(statement.node, 'TruncateStmt');
    if (truncate?.behavior !== CASCADE || statement.section !== 'up') return [];
    const tables = bodiesOf(truncate.relations, 'RangeVar');
    if (tables.every((table) => holdsOnlyNewRows(created, table))) return [];
    return [
      {
        message: `empties ${tables.map(relationWords).join(', ')} and every table that refers to ${tables.length === 1 ? 'it' : 'them'}`,
        ...placeOfName(statement, 'cascade'),
        why: 'cascade follows foreign keys as far as they go, and empties tables that this file does not name.',
        rewrite: withoutCascade(truncate, tables),
      },
    ];
  },
};

function withoutCascade(
  truncate: Body<'TruncateStmt'>,
  tables: readonly Body<'RangeVar'>[],
): string {
  const restart = truncate.restart_seqs === true ? ' restart identity' : '';
  return `-- without cascade Postgres names the table that is missing in the list
truncate ${tables.map(relationSql).join(', ')}${restart};`;
}

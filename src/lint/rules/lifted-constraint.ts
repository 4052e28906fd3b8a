/** Rules about constraints that are lifted: what nobody guards any more, and what readers then meet. */

import { relationName, words } from '../../analysis/tree.ts';
import { isNewColumn, meetsOldCode } from '../breaking.ts';
import { inContract, nameSql } from '../revision-text.ts';
import { relationSql } from '../rewrite.ts';
import type { Rule } from '../rule.ts';
import { addedConstraints, existingTableCommands } from '../table-commands.ts';
import { placeOfName } from '../word-place.ts';

/** What Postgres and the usual tools put into the name of a foreign key. */
const FOREIGN_KEY_NAME = /(?:^|_)(?:fk|fkey|foreign)(?:_|$)/i;

/** `drop-foreign-key`. */
export const DROP_FOREIGN_KEY: Rule = {
  id: 'drop-foreign-key',
  severity: 'warning',
  title: 'a foreign key is dropped, and nothing keeps the two tables consistent any more',
  why: `From then on rows may refer to what is not there, and code of both releases writes them. To put the key back, every orphan has to be found first.

Dropping it takes \`access exclusive\` on the table and on the one it refers to, since triggers go from both: two busy tables, for a moment each time it is tried.

The statement does not say what kind of constraint it drops: the rule goes by its name (\`orders_user_id_fkey\`, \`fk_orders_user\`).`,
  instead: `To change a foreign key, add the new one in the same statement. To be rid of it, drop it in a contract revision, or say in the header why nobody needs it: \`compatible yes <reason>\`.`,
  examples: [
    {
      bad: 'alter table orders drop constraint orders_user_id_fkey;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes users moved to a service of their own, whose ids orders keep
-- Orders refer to no table of users any more

-- slipway:up
alter table orders drop constraint orders_user_id_fkey;

-- slipway:down
alter table orders
  add constraint orders_user_id_fkey foreign key (user_id) references users (id) not valid;`,
    },
  ],
  covers: ['atlas:CD101'],
  statement(statement, context) {
    if (!meetsOldCode(statement)) return [];
    const commands = existingTableCommands(statement, context);
    if (addedConstraints(commands, 'CONSTR_FOREIGN').length > 0) return [];
    return commands
      .filter(
        ({ command: { subtype, name } }) =>
          subtype === 'AT_DropConstraint' && FOREIGN_KEY_NAME.test(name ?? ''),
      )
      .map(({ statement: { relation }, command, table }) => ({
        message: `drops foreign key ${words([command.name ?? ''])} of ${table}`,
        ...placeOfName(statement, command.name),
        why: 'Rows may then refer to what is not there. It locks both tables, this one and the one it refers to, against every read for a moment.',
        rewrite: inContract(statement, {
          up: `alter table ${relationSql(relation)} drop constraint ${nameSql([command.name ?? ''])};`,
          losesData: false,
          down: `alter table ${relationSql(relation)} add constraint ${nameSql([command.name ?? ''])} foreign key (<column>) references <table> not valid;`,
        }),
      }));
  },
};

/** `drop-not-null`. */
export const DROP_NOT_NULL: Rule = {
  id: 'drop-not-null',
  severity: 'warning',
  title: 'a column may be null from now on, which code that reads it does not expect',
  why: `Code of the previous release was written for a column that always has a value. New pods write nulls beside it, and after a rollback they stay: it fails where it reads them, often far from the database.`,
  instead: `Where new code only stops writing the column, give it a default before the rollout, and lift \`not null\` in a contract revision. Where old code copes with null, say so in the header: \`compatible yes <reason>\`.`,
  examples: [
    {
      bad: 'alter table users alter column phone drop not null;',
      good: `alter table users alter column phone set default '';`,
    },
    {
      bad: 'alter table users alter column phone drop not null;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- A user needs no phone

-- slipway:up
alter table users alter column phone drop not null;

-- slipway:down
alter table users add constraint users_phone check (phone is not null) not valid;`,
    },
  ],
  covers: ['squawk:ban-drop-not-null'],
  statement(statement, context) {
    if (!meetsOldCode(statement)) return [];
    return existingTableCommands(statement, context)
      .filter(
        ({ statement: { relation }, command: { subtype, name } }) =>
          subtype === 'AT_DropNotNull' && !isNewColumn(context, relation, name),
      )
      .map(({ statement: { relation }, command }) => {
        const column = `alter table ${relationSql(relation)} alter column ${nameSql([command.name ?? ''])}`;
        return {
          message: `lets column ${words([...relationName(relation), command.name ?? ''])} be null, which code of the previous release does not expect to read`,
          ...placeOfName(statement, command.name),
          why: 'New pods may write nulls that old pods then read, during the rollout and after a rollback.',
          rewrite: `-- before the rollout, where new code only leaves the column out
${column} set default <value>;

${inContract(statement, { up: `${column} drop not null;`, losesData: false, down: `${column} set not null;` })}`,
        };
      });
  },
};

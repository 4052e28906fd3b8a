/** Rules about indexes that are built or dropped while everybody waits. */

import { isNew, isNewRelation } from '../../analysis/created.ts';
import { bodyOf, nameOf, relationName, relationWords, words } from '../../analysis/tree.ts';
import { quoteIdentifier, quoteQualified } from '../../sql/identifiers.ts';
import { findWords, insertBehind, outsideFix, withEdits } from '../edits.ts';
import { outsideTransaction } from '../rewrite.ts';
import type { Edit, LintedStatement, Rule, RuleContext } from '../rule.ts';

/** `index-not-concurrent`. */
export const INDEX_NOT_CONCURRENT: Rule = {
  id: 'index-not-concurrent',
  severity: 'error',
  title: 'an index of an existing table that is built while writes wait',
  why: `\`create index\` takes a share lock on the table and keeps it until the index is built and the transaction is over: minutes for a large table. Nobody can insert, update or delete meanwhile; reads go on.

\`create index concurrently\` takes a share update exclusive lock, which lets reads and writes through. It reads the table twice, waits for the transactions that are open, and cannot run in a transaction: such a revision has \`transaction none\` in its header. When it is interrupted, slipway finds the invalid index it leaves behind, drops it and builds it again.`,
  instead: `An index of a table that the same release creates needs none of this: nobody uses the table yet.

Postgres cannot build the index of a partitioned table concurrently. Create it on the parent alone, which is quick, build it concurrently on each partition, and attach those; when the last one is attached the parent's index becomes valid:

\`\`\`sql
create index orders_customer on only orders (customer_id);
create index concurrently orders_2024_customer on orders_2024 (customer_id);
alter index orders_customer attach partition orders_2024_customer;
\`\`\``,
  examples: [
    {
      bad: 'create index customers_email on customers (lower(email));',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find customers by e-mail

-- slipway:up
create index concurrently customers_email on customers (lower(email));

-- slipway:down
drop index concurrently customers_email;`,
    },
  ],
  covers: [
    'squawk:require-concurrent-index-creation',
    'strong_migrations:add_index',
    'strong_migrations:add_reference',
    'atlas:PG101',
  ],
  statement(linted, { created }) {
    const index = bodyOf(linted.node, 'IndexStmt');
    // `on only` is for partitioned tables, whose own index is an entry in the catalog at first.
    if (index === undefined || index.concurrent === true || index.relation?.inh !== true) return [];
    if (isNewRelation(created, index.relation)) return [];
    const table = relationWords(index.relation);
    const name = index.idxname === undefined ? 'an index' : `index ${words([index.idxname])}`;
    const edits = concurrentlyBehind(linted, ['index']);
    const whole = [...withoutIfNotExists(linted), ...edits];
    return [
      {
        message: `${name} of ${table} is built while its writes wait`,
        why: `It holds a share lock on ${table} until the transaction is over: inserts, updates and deletes wait while every row is read and sorted.`,
        rewrite: outsideTransaction([withEdits(linted, whole)]),
        ...outsideFix(linted, index.if_not_exists === true ? [] : edits),
      },
    ];
  },
};

/** `drop-index-not-concurrent`. */
export const DROP_INDEX_NOT_CONCURRENT: Rule = {
  id: 'drop-index-not-concurrent',
  severity: 'warning',
  title: 'an index of an existing table that is dropped while everybody waits',
  why: `\`drop index\` takes an access exclusive lock on the index and on its table. To drop it takes no time, but to get the lock it waits for every query on the table that runs already, and all that come later wait behind it. The lock is kept until the transaction is over.

\`drop index concurrently\` waits for those queries without stopping the others. It takes one index, cannot \`cascade\`, cannot run in a transaction, and refuses indexes of partitioned tables and those that a constraint needs.`,
  examples: [
    {
      bad: 'drop index app.customers_email;',
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Nobody looks for e-mails any more

-- slipway:up
drop index concurrently app.customers_email;

-- slipway:down
create index concurrently customers_email on app.customers (email);`,
    },
  ],
  covers: [
    'squawk:require-concurrent-index-deletion',
    'strong_migrations:remove_index',
    'atlas:PG102',
  ],
  statement(linted, context) {
    const drop = bodyOf(linted.node, 'DropStmt');
    if (drop?.removeType !== 'OBJECT_INDEX' || drop.concurrent === true) return [];
    const all = (drop.objects ?? []).map(nameOf);
    const names = all.filter((name) => !isOfNewTable(name, linted, context));
    if (names.length === 0) return [];
    const isOne = all.length === 1 && drop.behavior !== 'DROP_CASCADE';
    const exists = drop.missing_ok === true ? ' if exists' : '';
    return [
      {
        message: `${names.length === 1 ? 'index' : 'indexes'} ${names.map(words).join(', ')} dropped while everything on the table waits`,
        why: 'It waits for an access exclusive lock on the table: queries that come later wait behind it, reads as well.',
        rewrite: outsideTransaction(
          names.map((name) => `drop index concurrently${exists} ${nameSql(name)}`),
        ),
        ...outsideFix(linted, isOne ? concurrentlyBehind(linted, ['drop', 'index']) : []),
      },
    ];
  },
};

/** A new index, an index of a new table, or in `down` one whose table the revision itself creates. */
function isOfNewTable(
  name: readonly string[],
  { section }: LintedStatement,
  { created, sections }: RuleContext,
): boolean {
  if (isNew(created, 'relation', name)) return true;
  if (section !== 'down') return false;
  const up = sections.up ?? [];
  const index = up
    .map(({ node }) => bodyOf(node, 'IndexStmt'))
    .find((each) => each !== undefined && each.idxname === name.at(-1));
  const table = words(relationName(index?.relation));
  return up.some(({ node }) => words(relationName(bodyOf(node, 'CreateStmt')?.relation)) === table);
}

/** `concurrent-index-if-not-exists`. */
export const CONCURRENT_INDEX_IF_NOT_EXISTS: Rule = {
  id: 'concurrent-index-if-not-exists',
  severity: 'warning',
  title: '`create index concurrently if not exists`, which an invalid index satisfies',
  why: `When a concurrent build fails or is interrupted, it leaves an index behind that is invalid: it costs every write, helps no query, and if it was to be unique, nothing is. \`if not exists\` looks at the name alone, so the next run passes over it and the revision counts as applied.

slipway does not need it: after an interruption it asks the catalog whether the index is there, valid and the one that was asked for, and builds it again where it is not.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find customers by e-mail

-- slipway:up
create index concurrently if not exists customers_email on customers (email);

-- slipway:down
drop index concurrently customers_email;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find customers by e-mail

-- slipway:up
create index concurrently customers_email on customers (email);

-- slipway:down
drop index concurrently customers_email;`,
    },
  ],
  covers: [],
  statement(linted) {
    const index = bodyOf(linted.node, 'IndexStmt');
    if (index?.concurrent !== true || index.if_not_exists !== true) return [];
    const found = findWords(linted, ['if', 'not', 'exists']);
    return [
      {
        message: `\`if not exists\` is satisfied by an invalid index ${words([index.idxname ?? ''])}`,
        ...(found === undefined ? {} : { at: found.start }),
        why: `What a failed build leaves behind has the name too: it would count as built, slow down every write to ${relationWords(index.relation)} and be of no use.`,
        rewrite: outsideTransaction([withEdits(linted, withoutIfNotExists(linted))]),
      },
    ];
  },
};

function concurrentlyBehind(linted: LintedStatement, keywords: readonly string[]): readonly Edit[] {
  return insertBehind(linted, keywords, ' concurrently');
}

function withoutIfNotExists(linted: LintedStatement): readonly Edit[] {
  const name = bodyOf(linted.node, 'IndexStmt')?.idxname ?? '';
  const found = findWords(linted, ['if', 'not', 'exists', name]);
  if (found === undefined) return [];
  return [{ offset: found.start, length: found.end - found.start, text: quoteIdentifier(name) }];
}

function nameSql(name: readonly string[]): string {
  return quoteQualified(name.length > 1 ? name[0] : undefined, name.at(-1) ?? '');
}

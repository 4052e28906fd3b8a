/** Rules about statements that copy a whole table, or lock one by hand. */

import { isNewRelation } from '../../analysis/created.ts';
import { bodiesOf, bodyOf, hasOption, relationWords, words } from '../../analysis/tree.ts';
import { blocksReads, blocksWrites, LOCK_MODES } from '../../core/locks.ts';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import { findWords } from '../edits.ts';
import { outsideTransaction, relationSql } from '../rewrite.ts';
import type { LintedStatement, Problem, Rule, RuleContext } from '../rule.ts';
import { existingTableCommands } from '../table-commands.ts';

/** `table-rewrite`. */
export const TABLE_REWRITE: Rule = {
  id: 'table-rewrite',
  severity: 'error',
  title: 'a statement that copies a whole existing table while everybody waits',
  why: `\`vacuum full\`, \`cluster\`, \`set logged\`, \`set unlogged\`, \`set tablespace\` and \`set access method\` write the table and its indexes anew under an access exclusive lock: nobody can read or write it meanwhile, and there must be room on the disk for both copies. \`set logged\` writes all of it to the write-ahead log, too, which replicas have to take in.`,
  instead: `To win back room after many deletions a plain \`vacuum\` is mostly enough: new rows go where the old ones were. To make the file smaller while everybody works there are the extensions pg_repack and pg_squeeze, and from Postgres 19 on \`repack (concurrently)\`. Indexes are moved to another tablespace with \`reindex (tablespace …) … concurrently\`. For all else: a new table, a trigger that keeps both in step, a backfill, and a change of names.`,
  examples: [
    {
      bad: 'alter table sessions set logged;',
      good: 'create table sessions (id bigint primary key, token text);',
    },
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Shrink sessions

-- slipway:up
vacuum full sessions;

-- slipway:down`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Clean sessions

-- slipway:up
vacuum (analyze) sessions;

-- slipway:down`,
    },
  ],
  covers: ['squawk:prefer-repack'],
  statement(linted, context) {
    return [
      ...alteredTables(linted, context),
      ...vacuumed(linted, context),
      ...clustered(linted, context),
      ...movedTables(linted),
    ];
  },
};

const COPYING: Readonly<Record<string, string>> = {
  AT_SetLogged: 'set logged',
  AT_SetUnLogged: 'set unlogged',
  AT_SetTableSpace: 'set tablespace',
  AT_SetAccessMethod: 'set access method',
};

function problem(command: string, table: string, more: Partial<Problem> = {}): Problem {
  return {
    message: `\`${command}\` copies ${table} while reads and writes wait`,
    why: `An access exclusive lock on ${table} is held until all of it is copied: nobody can read or write it.`,
    ...more,
  };
}

function alteredTables(linted: LintedStatement, context: RuleContext): readonly Problem[] {
  return existingTableCommands(linted, context).flatMap(({ command, statement, table }) => {
    const what = COPYING[command.subtype ?? ''];
    if (what === undefined) return [];
    const found = findWords(linted, what.split(' '));
    const isIndex = statement.objtype === 'OBJECT_INDEX' && command.subtype === 'AT_SetTableSpace';
    return [
      problem(what, table, {
        ...(found === undefined ? {} : { at: found.start }),
        ...(isIndex
          ? {
              rewrite: outsideTransaction([
                `reindex (tablespace ${quoteIdentifier(command.name ?? '')}) index concurrently ${relationSql(statement.relation)}`,
              ]),
            }
          : {}),
      }),
    ];
  });
}

function vacuumed(linted: LintedStatement, { created }: RuleContext): readonly Problem[] {
  const vacuum = bodyOf(linted.node, 'VacuumStmt');
  if (vacuum?.is_vacuumcmd !== true || !hasOption(vacuum.options, 'full')) return [];
  const relations = bodiesOf(vacuum.rels, 'VacuumRelation').map(({ relation }) => relation);
  if (relations.length === 0) {
    return [problem('vacuum full', 'every table', { rewrite: outsideTransaction(['vacuum']) })];
  }
  const existing = relations.filter((each) => !isNewRelation(created, each));
  if (existing.length === 0) return [];
  const tables = existing.map(relationSql).join(', ');
  return [
    problem('vacuum full', existing.map(relationWords).join(', '), {
      rewrite: outsideTransaction([`vacuum (analyze) ${tables}`]),
    }),
  ];
}

function clustered(linted: LintedStatement, { created }: RuleContext): readonly Problem[] {
  const cluster = bodyOf(linted.node, 'ClusterStmt');
  if (cluster === undefined) return [];
  if (cluster.relation === undefined) return [problem('cluster', 'every table clustered before')];
  if (isNewRelation(created, cluster.relation)) return [];
  return [problem('cluster', relationWords(cluster.relation))];
}

function movedTables(linted: LintedStatement): readonly Problem[] {
  const moved = bodyOf(linted.node, 'AlterTableMoveAllStmt');
  if (moved === undefined) return [];
  return [
    problem(
      'set tablespace',
      `everything in tablespace ${words([moved.orig_tablespacename ?? ''])}`,
    ),
  ];
}

/** `lock-table`. */
export const LOCK_TABLE: Rule = {
  id: 'lock-table',
  severity: 'warning',
  title: 'an existing table that is locked by hand so that others wait',
  why: `\`lock table\` keeps its lock until the transaction is over, and takes access exclusive where no mode is named: nobody can read or write the table from then on. Each statement takes the lock it needs by itself, and not before it needs it.

It has a use: in a transaction that locks several tables, the order in which they are locked decides whether it can get into a deadlock with the application. Then accept the finding with that reason.`,
  examples: [
    {
      bad: `lock table orders;
alter table orders add column note text;`,
      good: 'alter table orders add column note text;',
    },
  ],
  covers: [],
  statement(linted, { created }) {
    const lock = bodyOf(linted.node, 'LockStmt');
    // Modes are counted from 1; those from share on make writers wait.
    const mode = LOCK_MODES[(lock?.mode ?? 0) - 1];
    if (lock === undefined || mode === undefined || !blocksWrites(mode)) return [];
    const tables = bodiesOf(lock.relations, 'RangeVar').filter(
      (each) => !isNewRelation(created, each),
    );
    if (tables.length === 0) return [];
    const names = tables.map(relationWords).join(', ');
    const waiting = blocksReads(mode) ? 'reads and writes wait' : 'writes wait';
    return [
      {
        message: `${names} is locked by hand in ${mode} mode`,
        why: `The lock is kept until the revision is committed: ${waiting} that long. Each statement takes the lock it needs by itself.`,
      },
    ];
  },
};

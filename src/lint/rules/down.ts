/** Rules about the way back: a down section that is missing, that forgets something, or that loses data. */

import { nothingCreated } from '../../analysis/created.ts';
import { factsOf } from '../../analysis/facts.ts';
import { recordCreated, recordUncertain } from '../../analysis/record-created.ts';
import { bodiesOf, bodyOf, words } from '../../analysis/tree.ts';
import { dropsOf } from '../drops.ts';
import { nameSql } from '../revision-text.ts';
import { relationSql } from '../rewrite.ts';
import { isCreatedByUp, type Leftover, leftovers } from '../round-trip.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';

/** `missing-down`. */
export const MISSING_DOWN: Rule = {
  id: 'missing-down',
  severity: 'warning',
  title: 'the down section is empty, though the up section changes the schema',
  why: `An empty down section says that there is nothing to take back. \`slipway downgrade\` then forgets the revision and leaves what it did; the next \`upgrade\` finds it there and fails. After \`kubectl rollout undo\` the old release meets a schema it does not know.

Changes of rows, backfills, comments, statistics and \`alter type … add value\` need no way back, and merges have none.`,
  instead:
    'Write the statements that take it back, or say in the header why there is no way: `irreversible <reason>`.',
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;`,
    },
  ],
  covers: [],
  revision(linted) {
    const { revision, sections } = linted;
    if (revision.down === undefined || (sections.down ?? []).length > 0) return [];
    const left = [...leftovers(linted), ...(sections.up ?? []).flatMap(otherChanges)].sort(
      (a, b) => a.cause.statement.offset - b.cause.statement.offset,
    );
    const [first] = left;
    if (first === undefined) return [];
    const more = left.length === 1 ? '' : ` (and ${left.length - 1} more)`;
    return [
      {
        message: `revision "${revision.id}" ${first.did}${more}, and its down section is empty`,
        at: first.cause.statement.offset,
        why: 'slipway downgrade would forget the revision and leave this behind; the next upgrade fails at it.',
        rewrite: asDown(left),
      },
    ];
  },
};

/** `down-does-not-undo`. */
export const DOWN_DOES_NOT_UNDO: Rule = {
  id: 'down-does-not-undo',
  severity: 'warning',
  title: 'the down section forgets something that the up section did',
  why: `What the down section forgets stays behind a downgrade, and the next \`upgrade\` fails at it: \`relation "…" already exists\`. What it does not bring back is missing for the release that you go back to.

The rule follows tables, columns, indexes, constraints, views, sequences, types, functions, triggers, policies, schemas, extensions and roles through both sections, by name. It says nothing where a \`do\` block or a call may do the rest, and does not look at what else a statement changed: defaults, \`not null\`, privileges.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- Users have a phone and a fax

-- slipway:up
alter table users add column phone text, add column fax text;

-- slipway:down
alter table users drop column phone;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- Users have a phone and a fax

-- slipway:up
alter table users add column phone text, add column fax text;

-- slipway:down
alter table users drop column phone, drop column fax;`,
    },
  ],
  covers: [],
  revision(linted) {
    if ((linted.sections.down ?? []).length === 0) return [];
    return leftovers(linted).map((left) => ({
      message: `${left.did}, which the down section does not take back`,
      at: left.cause.statement.offset,
      why: 'It stays as it is after a downgrade: the next upgrade fails at it, or the older release misses it.',
      rewrite: asDown([left]),
    }));
  },
};

function asDown(left: readonly Leftover[]): string {
  return ['-- slipway:down', ...left.toReversed().map(({ undo }) => undo)].join('\n');
}

/** Changes of what is there, which only their opposite takes back. */
function otherChanges(cause: LintedStatement): readonly Leftover[] {
  const alter = bodyOf(cause.node, 'AlterTableStmt');
  return bodiesOf(alter?.cmds, 'AlterTableCmd').flatMap(({ subtype, name, def }) => {
    const column = `alter table ${relationSql(alter?.relation)} alter column ${nameSql([name ?? ''])}`;
    const of = words([alter?.relation?.relname ?? '', name ?? '']);
    switch (subtype) {
      case 'AT_SetNotNull':
        return [{ cause, did: `requires column ${of}`, undo: `${column} drop not null;` }];
      case 'AT_DropNotNull':
        return [{ cause, did: `lets column ${of} be null`, undo: `${column} set not null;` }];
      case 'AT_AlterColumnType':
        return [{ cause, did: `changes the type of column ${of}`, undo: `${column} type <type>;` }];
      case 'AT_ColumnDefault':
        return [
          def === undefined
            ? {
                cause,
                did: `drops the default of column ${of}`,
                undo: `${column} set default <value>;`,
              }
            : { cause, did: `sets the default of column ${of}`, undo: `${column} drop default;` },
        ];
      default:
        return [];
    }
  });
}

/** `lossy-down`. */
export const LOSSY_DOWN: Rule = {
  id: 'lossy-down',
  severity: 'warning',
  title: 'the down section loses data that the up section did not bring',
  why: `Going back should cost no more than what came with the revision. \`slipway downgrade\` refuses such a section without \`--allow-data-loss\`, and a pod that may downgrade by itself does not do it: the rollback stops there, when somebody needs it most.

What \`if not exists\` may have found there does not count as created by the revision.`,
  instead:
    'Take back only what the up section did: choose the rows it inserted, drop the columns it added. Create without `if not exists` what the down section drops.',
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- Add two plans

-- slipway:up
insert into plans (name) values ('team'), ('enterprise');

-- slipway:down
delete from plans;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- Add two plans

-- slipway:up
insert into plans (name) values ('team'), ('enterprise');

-- slipway:down
delete from plans where name in ('team', 'enterprise');`,
    },
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- Keep an audit log

-- slipway:up
create table if not exists audit (id bigint primary key);

-- slipway:down
drop table audit;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- Keep an audit log

-- slipway:up
create table audit (id bigint primary key);

-- slipway:down
drop table audit;`,
    },
  ],
  covers: [],
  statement(statement, context) {
    const { node } = statement;
    const { dataLoss } = statement.statement.facts;
    if (statement.section !== 'down' || dataLoss.length === 0 || node === undefined) return [];
    const up = context.sections.up ?? [];
    const own = dropsOf(statement, context).filter((each) => isCreatedByUp(up, statement, each));
    const isOwn = (loss: string) =>
      own.some((each) => loss.replace(/ \(cascade\)$/, '') === each.words);
    if (dataLoss.every(isOwn)) return [];
    const created = createdBy(up);
    const lost = factsOf({ node, text: statement.statement.text }, { created }).dataLoss.filter(
      (loss) => !isOwn(loss),
    );
    if (lost.length === 0) return [];
    return [
      {
        message: `going down loses ${lost.join(', ')}, which the up section did not create`,
        why: 'slipway downgrade refuses it without --allow-data-loss, and an unattended rollback stops there.',
      },
    ];
  },
};

function createdBy(up: readonly LintedStatement[]): RuleContext['created'] {
  const created = nothingCreated();
  for (const { node, statement } of up) {
    if (node === undefined || statement.onlyIf !== undefined) recordUncertain(node, created);
    else recordCreated(node, created);
  }
  return created;
}

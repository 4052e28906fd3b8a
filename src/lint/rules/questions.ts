/** Rules about what only asks: `only-if` lines and verify sections. */

import { isNew, newColumn } from '../../analysis/created.ts';
import { bodyOf, descendants, hasOption, type Node, tagOf, words } from '../../analysis/tree.ts';
import { lexemes } from '../../sql/lexeme.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { placedNames, placeOfName } from '../word-place.ts';

/** `only-if-own-object`. */
export const ONLY_IF_OWN_OBJECT: Rule = {
  id: 'only-if-own-object',
  severity: 'warning',
  title: 'an `only-if` question about something that the same release creates',
  why: `\`only-if\` is for databases that differ from each other before the release. What the release itself created a moment ago is there in all of them: the answer is known. Where it is not the expected one, the statement is passed over in silence, on every database; and asked before anything ran, as a dry run does, the question fails or has the other answer.`,
  instead:
    'Leave the line out. If only the creation depends on the database, put the question above that.',
  examples: [
    {
      bad: `create table settings (name text primary key, value text);
-- slipway:only-if select not exists (select from settings where name = 'mode')
insert into settings (name, value) values ('mode', 'live');`,
      good: `create table settings (name text primary key, value text);
insert into settings (name, value) values ('mode', 'live');`,
    },
  ],
  covers: [],
  statement({ section, statement }, context) {
    if (section !== 'up' || statement.onlyIf === undefined) return [];
    const own = ownObject(statement.onlyIf, context);
    if (own === undefined) return [];
    return [
      {
        message: `only-if asks about ${words(own)}, which this release has just created`,
        why: 'The answer is the same on every database: the statement always runs, or never does, and nobody notices.',
        rewrite: `-- without the line only-if\n${statement.text};`,
      },
    ];
  },
};

/** The first thing in a question that is new; names also stand in strings: `to_regclass('users')`. */
function ownObject(question: string, { created }: RuleContext): readonly string[] | undefined {
  const names = namesIn(question);
  for (const name of names) {
    const isOwn = ['relation', 'type', 'routine', 'OBJECT_SCHEMA'].some((namespace) =>
      isNew(created, namespace, name),
    );
    if (isOwn) return name;
  }
  for (const [relname, schemaname] of names.map((name) => name.toReversed())) {
    const relation = {
      relname: relname ?? '',
      ...(schemaname === undefined ? {} : { schemaname }),
    };
    for (const [column, ...others] of names) {
      const isColumn = others.length === 0 && newColumn(created, relation, column) !== undefined;
      if (isColumn) return [relation.relname, column ?? ''];
    }
  }
  return undefined;
}

/** Names in a question, and in its strings; with the schema before the dot. */
function namesIn(question: string): readonly (readonly string[])[] {
  const names: (readonly string[])[] = [];
  let end: number | undefined;
  for (const placed of placedNames(question)) {
    const joins = end !== undefined && question.slice(end, placed.start).trim() === '.';
    names.push([...(joins ? (names.at(-1) ?? []) : []), placed.name]);
    end = placed.end;
  }
  for (const { start, end } of lexemes(question)) {
    const isString = question.startsWith("'", start);
    if (isString) names.push(...namesIn(question.slice(start + 1, end - 1)));
  }
  return names;
}

/** `verify-writes`. */
export const VERIFY_WRITES: Rule = {
  id: 'verify-writes',
  severity: 'warning',
  title: 'a verify section changes something',
  why: `The verify section asks whether the up section did what it should. What it changes is committed with the revision, yet no down section is expected to take it back, \`slipway\` does not look at it for locks and lost data, and a later check of the same question changes the database again.`,
  instead: 'Move the change to the up section, and leave a query whose first column says true.',
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:verify
insert into users (name, phone) values ('test', '1');

-- slipway:down
alter table users drop column phone;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:verify
select phone from users limit 0;

-- slipway:down
alter table users drop column phone;`,
    },
  ],
  covers: [],
  statement(linted) {
    const { section, node, statement } = linted;
    if (section !== 'verify' || node === undefined || isQuestion(node)) return [];
    return [
      {
        message: `the verify section runs ${statement.command}, which changes something`,
        ...(tagOf(node) === 'SelectStmt' ? placeOfName(linted, 'into') : {}),
        why: 'It is committed with the revision, and no down section takes it back.',
        rewrite: `-- slipway:up
${statement.text};

-- slipway:verify
select <whether it is as it should be>;`,
      },
    ];
  },
};

const QUESTIONS = new Set(['VariableShowStmt', 'VariableSetStmt', 'ConstraintsSetStmt']);

function isQuestion(node: Node): boolean {
  const explain = bodyOf(node, 'ExplainStmt');
  if (explain?.query !== undefined) {
    return !hasOption(explain.options, 'analyze') || isQuestion(explain.query);
  }
  if (tagOf(node) !== 'SelectStmt') return QUESTIONS.has(tagOf(node));
  return (
    bodyOf(node, 'SelectStmt')?.intoClause === undefined &&
    (['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const).every(
      (tag) => descendants(node, tag).length === 0,
    )
  );
}

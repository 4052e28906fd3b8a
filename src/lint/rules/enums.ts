/** Rules about the labels of enum types. */

import { bodyOf, descendants, stringsOf, words } from '../../analysis/tree.ts';
import type { Section } from '../../core/revision.ts';
import { lexemes } from '../../sql/lexeme.ts';
import { writeRevisions } from '../rewrite.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';

/** The first major in which a type's own transaction may use all of its labels. */
const OWN_TYPE = 17;

/** `enum-value-used`. */
export const ENUM_VALUE_USED: Rule = {
  id: 'enum-value-used',
  severity: 'error',
  title: 'a label that is added to an enum type and used in the same transaction',
  why: `Postgres adds the label, but refuses to use it before the transaction that added it is committed (SQLSTATE 55P04, \`unsafe use of new value\`): an index could hold it, and the label be rolled back. Each revision is one transaction, so it would fail, and be rolled back as a whole.`,
  instead: `Add the label in a revision of its own.`,
  examples: [
    {
      bad: `alter type status add value 'archived' after 'done';
alter table tasks alter column status set default 'archived';`,
      good: `-- file: 1_add.sql
-- slipway:revision r2
-- slipway:revises r1
-- slipway:irreversible Postgres cannot take a label away
-- A status for archived tasks

-- slipway:up
alter type status add value 'archived' after 'done';
-- file: 2_use.sql
-- slipway:revision r3
-- slipway:revises r2
-- Tasks are archived at first

-- slipway:up
alter table tasks alter column status set default 'archived';

-- slipway:down
alter table tasks alter column status drop default;`,
    },
  ],
  covers: [],
  statement(linted, context) {
    const { revision, section, statement } = linted;
    const text = revision[section];
    if (revision.transaction === 'none' || text === undefined) return [];
    const candidates = labelsIn(text);
    if (candidates.size === 0) return [];
    const constants = descendants(linted.node, 'A_Const').filter(({ sval }) =>
      candidates.has(sval?.sval ?? ''),
    );
    if (constants.length === 0) return [];
    const labels = new Map<string, readonly string[]>();
    const { before } = linted;
    for (const each of before) {
      const added = addedLabel(each, before, context);
      if (added !== undefined) labels.set(added.label, added.type);
    }
    const use = constants.find(({ sval }) => labels.has(sval?.sval ?? ''));
    const label = use?.sval?.sval;
    const type = label === undefined ? undefined : labels.get(label);
    if (label === undefined || type === undefined) return [];
    const { location } = use ?? {};
    return [
      {
        message: `label ${JSON.stringify(label)} of ${words(type)} is used in the transaction that adds it`,
        ...(location === undefined ? {} : { at: linted.placeOf(location) }),
        why: 'Postgres refuses to use a label before the transaction that added it is committed: the revision would fail here, and be rolled back.',
        rewrite: writeRevisions([
          {
            purpose: 'the label',
            up: linted.before
              .filter((each) => addedLabel(each, [], context))
              .map((each) => each.statement.text),
          },
          {
            purpose: `its use, moved from the ${section} section of this one`,
            up: [statement.text],
          },
        ]),
      },
    ];
  },
};

/**
 * Every string behind the word `value` in a section: labels that it may add. Asked once of each section,
 * it spares most statements of a long one the search for those before them.
 */
function labelsIn(section: Section): ReadonlySet<string> {
  const known = LABELS.get(section);
  if (known !== undefined) return known;
  const labels = new Set<string>();
  let isLabel = false;
  for (const { start, end } of lexemes(section.text)) {
    const lexeme = section.text.slice(start, end).toLowerCase();
    if (lexeme.endsWith("'") && isLabel) labels.add(textOf(section.text.slice(start, end)));
    isLabel = lexeme === 'value' || (isLabel && ['if', 'not', 'exists'].includes(lexeme));
  }
  LABELS.set(section, labels);
  return labels;
}

const LABELS = new WeakMap<Section, ReadonlySet<string>>();

function textOf(literal: string): string {
  return literal.slice(literal.indexOf("'") + 1, -1).replaceAll("''", "'");
}

function addedLabel(
  { node }: LintedStatement,
  before: readonly LintedStatement[],
  { settings }: RuleContext,
): { readonly label: string; readonly type: readonly string[] } | undefined {
  const alter = bodyOf(node, 'AlterEnumStmt');
  if (alter?.newVal === undefined || alter.oldVal !== undefined) return undefined;
  const type = stringsOf(alter.typeName);
  const isOwn = before.some(
    (each) => words(stringsOf(bodyOf(each.node, 'CreateEnumStmt')?.typeName)) === words(type),
  );
  return isOwn && settings.postgres >= OWN_TYPE ? undefined : { label: alter.newVal, type };
}

/** `enum-value-order`. */
export const ENUM_VALUE_ORDER: Rule = {
  id: 'enum-value-order',
  severity: 'off',
  title: 'a label that is added to an enum type without saying where',
  why: `A label without \`before\` or \`after\` becomes the last one. Labels are compared by their order, so \`status < 'approved'\` may leave out what belongs there; and the order cannot be changed later.`,
  examples: [
    {
      bad: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:irreversible Postgres cannot take a label away
-- Papers are reviewed

-- slipway:up
alter type status add value 'pending_review';`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:irreversible Postgres cannot take a label away
-- Papers are reviewed

-- slipway:up
alter type status add value 'pending_review' before 'approved';`,
    },
  ],
  covers: ['squawk:require-enum-value-ordering'],
  statement(linted) {
    const alter = bodyOf(linted.node, 'AlterEnumStmt');
    if (alter?.newVal === undefined || alter.oldVal !== undefined) return [];
    if (alter.newValNeighbor !== undefined) return [];
    return [
      {
        message: `label ${JSON.stringify(alter.newVal)} becomes the last one of ${words(stringsOf(alter.typeName))}`,
        why: 'Labels are compared by their order, which cannot be changed later.',
        rewrite: `${linted.statement.text} before '<label>';`,
      },
    ];
  },
};

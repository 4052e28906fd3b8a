/** The page of facts: every form of statement that the tests hold against real servers. */

import type { LockTarget, RelationLock, RelationWork, VersionRange } from '../../src/core/locks.ts';
import type { StatementFacts } from '../../src/core/revision.ts';
import { factsOfSql } from '../../test/support/predict-statement.ts';
import type { StatementForm } from '../../test/support/statement-forms/form.ts';
import { FORM_FAMILIES } from '../../test/support/statement-forms.ts';
import { code, page, prose } from './markdown.ts';

/** `docs/reference/statement-facts.md`. */
export async function statementFactsPage(): Promise<string> {
  const families = await Promise.all(
    FORM_FAMILIES.map(async ({ title, forms }) => [
      `## ${title}`,
      looseTable(TITLES, await Promise.all(forms.map(row))),
      ...exceptions(forms),
    ]),
  );
  return page('Facts of statements', [
    'What slipway knows of a statement before it runs, from the statement alone: `lint`, `plan` and the gate of `upgrade` read it. An integration test runs every form of this page on the oldest and the newest supported major, reads the locks from `pg_locks`, and rewrites, scans and index builds from the files, the counters and the messages of the server, and fails where more or less is said here.',
    '## How to read it',
    [
      '- **locks**: the strongest lock on each relation, held until the transaction ends. `access exclusive` keeps readers and writers out; `exclusive`, `share row exclusive` and `share` only writers; `share update exclusive` neither. A major in brackets: only since it.',
      '- **work**: what grows with the size of a table. `rewrite`: a new copy of the table with its indexes, and all checks of its rows · `scan`: every row is read · `build index` · `write rows`. Where only the catalog could tell that there is less to do, it is said that there may be as much ("unless").',
      '- **transaction**: whether the statement may be in a transaction with others.',
      '- **loses**: data that is gone for good.',
      '- **compatible**: whether code of the previous release keeps working.',
    ].join('\n'),
    'A relation that the statement names only by something else is described: `the table of index items_a`. Left out are: what the statement creates itself; indexes and sequences that it does not name, which go with their table; what triggers, rules and foreign keys do when rows are written, and the tables behind a view that a query names; the last moment of `drop index concurrently` and `reindex concurrently`, in which an index that nobody uses any more is locked in `access exclusive` mode. A lock on a table with partitions, or that others inherit from, extends to these, and so does the work. Only reading rows for a client is no work: it holds nobody up.',
    '"anything" means that the statement runs code or works on whatever the catalog says, and may lock and go through more than its text tells.',
    ...families.flat(),
  ]);
}

async function row({ title, sql, since }: StatementForm): Promise<string[]> {
  const facts = await factsOfSql(sql);
  const { verdict, reason } = facts.compatibility;
  return [
    `${prose(title)}${since === undefined ? '' : ` (${since}+)`}`,
    code(sql),
    listed(facts.locks.map(lockWords), facts),
    listed(facts.work.map(workWords), facts),
    facts.transactional ? 'yes' : 'no',
    facts.dataLoss.map(prose).join('; '),
    `${verdict}: ${prose(reason)}`,
  ];
}

/** Cells as wide as their text: columns of one width would be wider than any screen. */
function looseTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

const TITLES = ['form', 'statement', 'locks', 'work', 'transaction', 'loses', 'compatible'];

function listed(lines: readonly string[], { opaque }: StatementFacts): string {
  return [...lines, ...(opaque === true ? ['anything'] : [])].join('<br>');
}

function lockWords(lock: RelationLock): string {
  return `${code(lock.mode)} on ${relationWords(lock)}${rangeWords(lock)}`;
}

function workWords(work: RelationWork): string {
  return `${code(work.kind)} of ${relationWords(work)}: ${prose(work.reason)}${rangeWords(work)}`;
}

const BEHIND: { readonly [T in LockTarget]: string } = {
  relation: '',
  'table of index': 'the table of index ',
  'tables of view': 'the tables of view ',
  'tables of foreign keys': 'tables that share a foreign key with ',
  'tables of type': 'tables with the type ',
  'table of statistics': 'the table of statistics ',
  'default partition': 'the default partition of ',
  'parent of partition': 'the table it is a partition of: ',
};

function relationWords({ target, name }: Pick<RelationLock, 'target' | 'name'>): string {
  return `${BEHIND[target]}${code(name)}`;
}

function rangeWords({ since, before }: VersionRange): string {
  if (since !== undefined) return ` (${since}+)`;
  return before === undefined ? '' : ` (before ${before})`;
}

/** Where a form was found to do less or more than its facts say, and why they cannot know. */
function exceptions(forms: readonly StatementForm[]): string[] {
  const lines = forms.flatMap((form) => [
    ...Object.entries(form.spared ?? {}).map(
      ([name, why]) => `- ${prose(form.title)}: ${code(name)} was not locked, ${prose(why)}`,
    ),
    ...Object.entries(form.besides ?? {}).map(
      ([name, [mode, why]]) =>
        `- ${prose(form.title)}: also ${code(mode)} on ${code(name)}, ${prose(why)}`,
    ),
    ...Object.entries(form.idle ?? {}).map(
      ([work, why]) => `- ${prose(form.title)}: no ${code(work)}, ${prose(why)}`,
    ),
    ...Object.entries(form.extra ?? {}).map(
      ([work, why]) => `- ${prose(form.title)}: also ${code(work)}, ${prose(why)}`,
    ),
  ]);
  if (lines.length === 0) return [];
  return [
    'Where the server was found to do less or more than the statement alone tells:',
    lines.join('\n'),
  ];
}

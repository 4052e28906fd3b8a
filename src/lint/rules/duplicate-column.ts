/** The rule about columns that a statement names twice where it may name each once. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  relationWords,
  stringsOf,
  words,
} from '../../analysis/tree.ts';
import type { Problem, Rule } from '../rule.ts';

/** `duplicate-column`. */
export const DUPLICATE_COLUMN: Rule = {
  id: 'duplicate-column',
  severity: 'error',
  title: 'a statement names a column twice, which fails when it runs',
  why: `Postgres parses it, and refuses it when it runs: \`column "a" specified more than once\`, or \`multiple assignments to same column\`. The revision fails on every database.`,
  instead: 'Remove one of the two, or give it another name.',
  examples: [
    { bad: 'create table t (a int, a text);', good: 'create table t (a int);' },
    {
      bad: 'create view v (a, a) as select 1, 2;',
      good: 'create view v (a, b) as select 1, 2;',
    },
    { bad: 'update t set a = 1, a = 2 where id = 1;', good: 'update t set a = 2 where id = 1;' },
  ],
  covers: ['squawk:ban-duplicate-column-assignments'],
  statement({ node, placeOf }) {
    if (node === undefined) return [];
    return lists(node).flatMap(({ of, what, columns }): readonly Problem[] =>
      repeated(columns).map(({ name, location }) => ({
        message: `${what} ${of === '' ? '' : `${of} `}names column ${words([name])} twice`,
        ...(location === undefined || location < 0 ? {} : { at: placeOf(location) }),
        why: 'Postgres refuses the statement when it runs.',
      })),
    );
  },
};

interface NamedColumn {
  readonly name: string;
  readonly location?: number | undefined;
  /** A field or an element of it: of those a statement may set several. */
  readonly isPart?: boolean;
}

interface ColumnList {
  readonly what: string;
  readonly of: string;
  readonly columns: readonly NamedColumn[];
}

/** The lists of columns in a statement in which each may be once. */
function lists(node: Node): readonly ColumnList[] {
  const create = bodyOf(node, 'CreateStmt') ?? bodyOf(node, 'CreateForeignTableStmt')?.base;
  if (create !== undefined) {
    const columns = bodiesOf(create.tableElts, 'ColumnDef').map(defined);
    return [{ what: 'create table', of: relationWords(create.relation), columns }];
  }
  const alter = bodyOf(node, 'AlterTableStmt');
  if (alter !== undefined) {
    const columns = bodiesOf(alter.cmds, 'AlterTableCmd')
      .filter(({ subtype, missing_ok }) => subtype === 'AT_AddColumn' && missing_ok !== true)
      .flatMap(({ def }) => bodyOf(def, 'ColumnDef') ?? [])
      .map(defined);
    return [{ what: 'alter table', of: relationWords(alter.relation), columns }];
  }
  return [...ofView(node), ...ofTableAs(node), ...ofWrites(node)];
}

function ofView(node: Node): readonly ColumnList[] {
  const view = bodyOf(node, 'ViewStmt');
  return view === undefined
    ? []
    : [
        {
          what: 'create view',
          of: relationWords(view.view),
          columns: resultColumns(view.aliases, view.query),
        },
      ];
}

function ofTableAs(node: Node): readonly ColumnList[] {
  const table = bodyOf(node, 'CreateTableAsStmt');
  const select = bodyOf(node, 'SelectStmt');
  const into = table?.into ?? select?.intoClause;
  if (into === undefined) return [];
  return [
    {
      what: table === undefined ? 'select into' : 'create table',
      of: relationWords(into.rel),
      columns: resultColumns(into.colNames, table === undefined ? node : table.query),
    },
  ];
}

/** What a query's columns are called, where it says so. */
function resultColumns(
  aliases: readonly Node[] | undefined,
  query: Node | undefined,
): readonly NamedColumn[] {
  const given = stringsOf(aliases);
  const targets = bodiesOf(bodyOf(query, 'SelectStmt')?.targetList, 'ResTarget');
  return [
    ...given.map((name) => ({ name })),
    ...targets.slice(given.length).flatMap(({ name, val, location }): readonly NamedColumn[] => {
      const own = name ?? stringsOf(bodyOf(val, 'ColumnRef')?.fields).at(-1);
      return own === undefined || endsInStar(val) ? [] : [{ name: own, location }];
    }),
  ];
}

function endsInStar(value: Node | undefined): boolean {
  return (bodyOf(value, 'ColumnRef')?.fields ?? []).some((field) => 'A_Star' in field);
}

function ofWrites(node: Node): readonly ColumnList[] {
  const insert = bodyOf(node, 'InsertStmt');
  // Its rows may be many, and name no columns.
  const within = insert === undefined ? node : { withClause: insert.withClause };
  const inserts = [...(insert === undefined ? [] : [insert]), ...descendants(within, 'InsertStmt')];
  return [
    ...inserts.flatMap(({ relation, cols, onConflictClause }) => [
      { what: 'insert into', of: relationWords(relation), columns: assigned(cols) },
      {
        what: 'on conflict do update of',
        of: relationWords(relation),
        columns: assigned(onConflictClause?.targetList),
      },
    ]),
    ...updates(node, within).map(({ relation, targetList }) => ({
      what: 'update',
      of: relationWords(relation),
      columns: assigned(targetList),
    })),
    ...descendants(within, 'MergeWhenClause').map(({ targetList }) => ({
      what: 'merge',
      of: '',
      columns: assigned(targetList),
    })),
  ];
}

function updates(node: Node, within: unknown): readonly Body<'UpdateStmt'>[] {
  return bodyOf(node, 'InsertStmt') === undefined && !mayHold(node)
    ? []
    : descendants(within, 'UpdateStmt');
}

/** Definitions hold no writes that run now. */
function mayHold(node: Node): boolean {
  return ['UpdateStmt', 'DeleteStmt', 'SelectStmt', 'MergeStmt', 'ExplainStmt'].some(
    (tag) => tag in node,
  );
}

function defined({ colname = '', location }: Body<'ColumnDef'>): NamedColumn {
  return { name: colname, location };
}

function assigned(targets: readonly Node[] | undefined): readonly NamedColumn[] {
  return bodiesOf(targets, 'ResTarget').map(({ name = '', indirection, location }) => ({
    name,
    location,
    isPart: indirection !== undefined,
  }));
}

/** Each name that is there a second time, once. */
function repeated(columns: readonly NamedColumn[]): readonly NamedColumn[] {
  return columns.filter((column, index) => {
    const before = columns.slice(0, index).filter(({ name }) => name === column.name);
    const clashes = before.filter((each) => !(each.isPart === true && column.isPart === true));
    return clashes.length > 0 && before.length === 1;
  });
}

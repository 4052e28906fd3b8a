/** Statements that read or write rows, or run code whose effect the statement does not show. */

import { holdsOnlyNewRows } from '../created.ts';
import {
  compatible,
  type Effect,
  type FactsContext,
  type Handlers,
  only,
  undecided,
} from '../effect.ts';
import {
  type Body,
  bodiesOf,
  bodyOf,
  descendants,
  type Node,
  relationWords,
  stringsOf,
  words,
} from '../tree.ts';

/** Facts about queries, writes and code blocks. */
export const data: Handlers = {
  InsertStmt: (s, context) => writes('inserts into', s, context),
  UpdateStmt: (s, context) => writes('updates', s, context),
  DeleteStmt: (s, context) => {
    const effect = writes('deletes from', s, context);
    return { ...effect, dataLoss: [...deletion(s, context), ...(effect.dataLoss ?? [])] };
  },
  MergeStmt: (s, context) => writes('merges into', s, context),
  TruncateStmt: (s, { created }) => {
    const tables = bodiesOf(s.relations, 'RangeVar');
    const cascades = s.behavior === 'DROP_CASCADE';
    return {
      compatibility: compatible(
        `empties ${tables.map(relationWords).join(', ')}: rows change, not the shape`,
      ),
      dataLoss: tables.flatMap((table) => {
        const rows = `rows of table ${relationWords(table)}`;
        if (cascades) return [`${rows} and of all that refer to it (cascade)`];
        return holdsOnlyNewRows(created, table) ? [] : [rows];
      }),
    };
  },
  CopyStmt: (s) => {
    const table = relationWords(s.relation);
    if (s.is_from === true) return only(compatible(`copies rows into ${table}`));
    return only(
      s.is_program === true
        ? undecided('hands rows to a program on the server')
        : compatible('copies rows out, which changes nothing'),
    );
  },

  SelectStmt: (s, context) => {
    const dataLoss = innerDeletions(s, context);
    if (s.intoClause !== undefined) {
      const table = relationWords(s.intoClause.rel);
      return { compatibility: compatible(`creates table ${table}`), dataLoss };
    }
    const called = calledFunction(s);
    return {
      compatibility:
        called === undefined
          ? compatible('reads or writes rows, not the shape')
          : undecided(`slipway does not know what function ${called} does`),
      dataLoss,
    };
  },
  ExplainStmt: () => only(compatible('explains a query')),

  DoStmt: () => only(undecided('slipway does not know what a do block does')),
  CallStmt: (s) =>
    only(
      undecided(
        `slipway does not know what procedure ${words(stringsOf(s.funccall?.funcname))} does`,
      ),
    ),
  ExecuteStmt: (s) =>
    only(undecided(`slipway does not know what prepared statement ${words([s.name ?? ''])} does`)),
};

function writes(
  verb: string,
  statement: { readonly relation?: Body<'RangeVar'>; readonly withClause?: Body<'WithClause'> },
  context: FactsContext,
): Effect {
  const table = relationWords(statement.relation);
  return {
    compatibility: compatible(`${verb} ${table}: rows change, not the shape`),
    dataLoss: innerDeletions(statement.withClause, context),
  };
}

// `with gone as (delete …)` deletes as much as the statement alone.
function innerDeletions(value: unknown, context: FactsContext): string[] {
  return descendants(value, 'DeleteStmt').flatMap((each) => deletion(each, context));
}

// A condition is taken for a choice of rows that are meant to go; without one it is all of them.
function deletion(statement: Body<'DeleteStmt'>, { created }: FactsContext): string[] {
  const isUnconditional = conjuncts(statement.whereClause).every(choosesNothing);
  return isUnconditional && !holdsOnlyNewRows(created, statement.relation)
    ? [`rows of table ${relationWords(statement.relation)}`]
    : [];
}

function conjuncts(condition: Node | undefined): readonly Node[] {
  const both = bodyOf(condition, 'BoolExpr');
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(conjuncts);
  return condition === undefined ? [] : [condition];
}

/** `true`, or the range of a backfill's batch: all batches together have every row. */
function choosesNothing(condition: Node): boolean {
  const always = bodyOf(condition, 'A_Const')?.boolval?.boolval === true;
  return always || descendants(condition, 'ParamRef').length > 0;
}

/** Functions of Postgres that change no object, as far as they are usual in revisions. */
const KNOWN_FUNCTIONS = new Set([
  'set_config',
  'current_setting',
  'setval',
  'nextval',
  'currval',
  'pg_get_serial_sequence',
  'pg_advisory_lock',
  'pg_advisory_xact_lock',
  'pg_advisory_unlock',
  'pg_sleep',
  'pg_notify',
  'count',
  'max',
  'min',
  'sum',
  'avg',
  'now',
  'lower',
  'upper',
  'length',
  'version',
  'to_regclass',
  'to_regtype',
  'gen_random_uuid',
  'generate_series',
]);

function calledFunction(statement: unknown): string | undefined {
  for (const call of descendants(statement, 'FuncCall')) {
    const name = stringsOf(call.funcname);
    const isBuiltIn = name.length === 1 || name[0] === 'pg_catalog';
    if (!isBuiltIn || !KNOWN_FUNCTIONS.has(name.at(-1) ?? '')) return words(name);
  }
  return undefined;
}

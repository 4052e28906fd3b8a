/** The rule about functions that run with their owner's privileges and the caller's search path. */

import {
  type Body,
  bodiesOf,
  bodyOf,
  hasOption,
  kindWords,
  type Node,
  stringsOf,
  words,
} from '../../analysis/tree.ts';
import { findWords } from '../edits.ts';
import { nameSql } from '../revision-text.ts';
import type { LintedStatement, Rule, RuleContext } from '../rule.ts';

/** `security-definer-search-path`. */
export const SECURITY_DEFINER_SEARCH_PATH: Rule = {
  id: 'security-definer-search-path',
  severity: 'warning',
  title: 'a `security definer` function that leaves its search path to the caller',
  why: `It runs with the privileges of its owner, and looks up every name that says no schema along the \`search_path\` of whoever calls it. A caller who may create a table or a function anywhere puts one of the same name first, also a temporary table, and has it used with the owner's privileges. Functions with a body of \`begin atomic\` are not meant: their names are looked up when they are created.`,
  instead: `\`set search_path = <schema>, pg_temp\`, with only schemas in which nobody else may create, and \`pg_temp\` last. See [Writing SECURITY DEFINER Functions Safely](https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY).`,
  examples: [
    {
      bad: `create function app.is_admin(name text) returns boolean
  language sql security definer
  as 'select exists (select from admins a where a.name = is_admin.name)';`,
      good: `create function app.is_admin(name text) returns boolean
  language sql security definer set search_path = app, pg_temp
  as 'select exists (select from admins a where a.name = is_admin.name)';`,
    },
  ],
  covers: [],
  statement(linted, context) {
    if (linted.section !== 'up') return [];
    const found = created(linted) ?? altered(linted, context);
    if (found === undefined) return [];
    const { kind, name, rewrite } = found;
    const place = findWords(linted, ['security', 'definer']);
    return [
      {
        message: `${kind} ${words(name)} runs as its owner with the search_path of its caller`,
        ...(place === undefined ? {} : { at: place.start }),
        why: 'Whoever may call it and create a table of the right name decides what it does with the privileges of its owner.',
        rewrite,
      },
    ];
  },
};

interface Found {
  readonly kind: string;
  readonly name: readonly string[];
  readonly rewrite: string;
}

function created(linted: LintedStatement): Found | undefined {
  const create = bodyOf(linted.node, 'CreateFunctionStmt');
  if (create === undefined || create.sql_body !== undefined) return undefined;
  if (!hasOption(create.options, 'security') || setsSearchPath(create.options)) return undefined;
  const name = stringsOf(create.funcname);
  const { text, offset } = linted.statement;
  const end = (findWords(linted, ['security', 'definer'])?.end ?? offset) - offset;
  return {
    kind: create.is_procedure === true ? 'procedure' : 'function',
    name,
    rewrite: `${text.slice(0, end)} ${setting(name)}${text.slice(end)};`,
  };
}

function altered(linted: LintedStatement, { deparse }: RuleContext): Found | undefined {
  const alter = bodyOf(linted.node, 'AlterFunctionStmt');
  if (alter === undefined || !hasOption(alter.actions, 'security')) return undefined;
  if (setsSearchPath(alter.actions)) return undefined;
  const name = stringsOf(alter.func?.objname);
  return {
    kind: kindWords(alter.objtype),
    name,
    rewrite: `${deparse({ AlterFunctionStmt: alter })} ${setting(name)};`,
  };
}

function setting(name: readonly string[]): string {
  return `set search_path = ${nameSql([name.length > 1 ? (name[0] ?? '') : 'public'])}, pg_temp`;
}

function setsSearchPath(options: readonly Node[] | undefined): boolean {
  return bodiesOf(options, 'DefElem').some(({ arg }) =>
    isSearchPath(bodyOf(arg, 'VariableSetStmt')),
  );
}

function isSearchPath(set: Body<'VariableSetStmt'> | undefined): boolean {
  return set?.name === 'search_path' && set.kind !== 'VAR_RESET';
}

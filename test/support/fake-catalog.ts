/** As much SQL as the tests of the runner need: tables and indexes by name, and questions about them. */

import { DatabaseFailure, type FailureKind, ownWords } from '../../src/core/database-failure.ts';
import type { Postcondition } from '../../src/core/revision.ts';
import type { Evidence } from '../../src/runner/ports.ts';

/** Tables and indexes by name; an index may be the invalid remnant of a concurrent build. */
export type Objects = ReadonlyMap<string, 'valid' | 'invalid'>;

/** What the catalog says of a statement's effect: it knows tables and indexes by their names. */
export function evidenceOf(objects: Objects, post: Postcondition): Evidence {
  const name = nameIn(post);
  const found = objects.get(name);
  const fact = `index ${name} is ${found ?? 'absent'}`;
  const isWanted = post.kind !== 'index-absent' && !(post.kind === 'object' && !post.present);
  if (!isWanted) {
    const verdicts = { valid: 'absent', invalid: 'remnant', gone: 'done' } as const;
    return { verdict: verdicts[found ?? 'gone'], fact };
  }
  const verdicts = { valid: 'done', invalid: 'remnant', absent: 'absent' } as const;
  return { verdict: verdicts[found ?? 'absent'], fact };
}

function nameIn(post: Postcondition): string {
  switch (post.kind) {
    case 'index-valid':
    case 'index-absent':
      return post.index ?? '';
    case 'object':
      return post.name.at(-1) ?? '';
    default:
      return '';
  }
}

/** A failure as the server reports it. */
export function failure(
  kind: FailureKind,
  message: string,
  fields: { readonly sqlState?: string; readonly position?: number } = {},
): DatabaseFailure {
  return new DatabaseFailure(kind, { ...ownWords(kind, message).fields, ...fields });
}

const CREATE = /^create (?:unique )?(?:table|index) (concurrently )?(if not exists )?(\w+)/i;
const DROP = /^drop (?:table|index) (concurrently )?(if exists )?(\w+)/i;

/** The objects after `text` ran; SQL of any other kind changes nothing. @throws DatabaseFailure */
export function execute(objects: Objects, text: string, inTransaction: boolean): Objects {
  if (/^select 1 ?\/ ?0/i.test(text))
    throw failure('other', 'division by zero', { sqlState: '22012' });
  const [, createsAlone, unlessThere, created] = CREATE.exec(text) ?? [];
  const [, dropsAlone, ifThere, dropped] = DROP.exec(text) ?? [];
  if (inTransaction && (createsAlone ?? dropsAlone) !== undefined) {
    throw failure('other', 'cannot run inside a transaction block', { sqlState: '25001' });
  }
  if (created !== undefined) {
    if (!objects.has(created)) return new Map([...objects, [created, 'valid']]);
    if (unlessThere !== undefined) return objects;
    throw failure('other', `relation "${created}" already exists`, { sqlState: '42P07' });
  }
  if (dropped !== undefined) {
    if (objects.has(dropped)) return new Map([...objects].filter(([name]) => name !== dropped));
    if (ifThere !== undefined) return objects;
    throw failure('other', `"${dropped}" does not exist`, { sqlState: '42P01' });
  }
  return objects;
}

/** The rows of a query with parameters: `select $1::int as value`, or one of `answer`'s. */
export function answerRows(
  objects: Objects,
  text: string,
  values: readonly unknown[],
): readonly object[] {
  const [, name] = /^select \$1::\w+ as (\w+)$/i.exec(text) ?? [];
  if (name !== undefined) return [{ [name]: values[0] }];
  if (!/^select /i.test(text)) return [];
  return answer(objects, text).map((value) => ({ '?column?': value }));
}

/** The first column of a query: `select true`, `select to_regclass('t') is not null`. */
export function answer(objects: Objects, text: string): readonly unknown[] {
  execute(objects, text, false);
  const [, literal] = /^select (true|false|null)$/i.exec(text) ?? [];
  if (literal !== undefined) return [literal === 'null' ? null : literal === 'true'];
  const [, name, not] = /^select to_regclass\('(\w+)'\) is (not )?null$/i.exec(text) ?? [];
  return name === undefined ? [] : [objects.has(name) === (not !== undefined)];
}

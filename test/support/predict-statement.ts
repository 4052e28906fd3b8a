/** What the facts of a statement say of the relations of a real schema. */

import type { Client } from 'pg';
import { type CreatedObjects, nothingCreated } from '../../src/analysis/created.ts';
import { factsOf } from '../../src/analysis/facts.ts';
import { recordKnown } from '../../src/analysis/record-known.ts';
import { compareModes, holdsOn, type LockMode, type LockTarget } from '../../src/core/locks.ts';
import type { StatementFacts } from '../../src/core/revision.ts';
import { parseSql } from '../../src/sql/parse.ts';
import { relationsBehind } from './relations.ts';

/** What is said: with the relations that names lead to in this schema. */
export interface Predicted {
  /** The strongest lock on each relation. */
  readonly locks: ReadonlyMap<string, LockMode>;
  /** How the statement leads to relations that it does not name itself. */
  readonly targets: ReadonlyMap<string, LockTarget>;
  /** `rewrite items`. */
  readonly work: ReadonlySet<string>;
}

/** Facts about one statement, which tells something to those that come behind it with `created`. */
export async function factsOfSql(
  sql: string,
  created: CreatedObjects = nothingCreated(),
): Promise<StatementFacts> {
  const parsed = await parseSql(sql);
  if (!parsed.ok) throw new Error(`${parsed.message}: ${sql}`);
  const node = parsed.statements[0]?.node;
  if (node === undefined) throw new Error(`no statement: ${sql}`);
  const facts = factsOf({ node, text: sql }, { created });
  recordKnown(node, created.known);
  return facts;
}

/** Holds the facts against the schema that is first in the search path. */
export async function predict(
  client: Client,
  facts: StatementFacts,
  major: number,
): Promise<Predicted> {
  const locks = new Map<string, LockMode>();
  const targets = new Map<string, LockTarget>();
  for (const lock of facts.locks.filter((each) => holdsOn(each, major))) {
    for (const name of await relationsBehind(client, lock)) {
      if (lock.target !== 'relation') targets.set(name, lock.target);
      const strongest = locks.get(name);
      if (strongest === undefined || compareModes(lock.mode, strongest) > 0) {
        locks.set(name, lock.mode);
      }
    }
  }
  const work = new Set<string>();
  for (const each of facts.work.filter((one) => holdsOn(one, major) && !one.isNew)) {
    for (const name of await relationsBehind(client, each)) work.add(`${each.kind} ${name}`);
  }
  return { locks, targets, work };
}

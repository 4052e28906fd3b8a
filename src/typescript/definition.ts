/** What a TypeScript revision's file says: the argument of `defineRevision`, as editors show it. */

import type { HazardClass } from '../core/hazards.ts';
import type { RevisionDatabase } from '../core/program.ts';

/** A hazard that was accepted on purpose. */
export interface AcceptedHazard {
  readonly hazard: HazardClass;
  /** Why it is all right here. */
  readonly reason: string;
}

/** A rule of `slipway lint` whose finding was accepted on purpose. */
export interface AcceptedFinding {
  /** Name of the rule, for example `require-concurrent-index`. */
  readonly rule: string;
  /** Why it is all right here. */
  readonly reason: string;
}

interface DefinitionHeader {
  /**
   * Identity of the revision: up to 64 letters, digits and underscores. Never change it once the
   * revision was applied anywhere.
   *
   * @example '3f2a9c41d7e0'
   */
  readonly revision: string;
  /**
   * The revision that this one follows; several for a merge. Without it this is a base: the first
   * revision of a history.
   *
   * @example '1b7e6a90c2f4'
   * @example ['1b7e6a90c2f4', '77aa01c3d9ef']
   */
  readonly revises?: string | readonly string[] | undefined;
  /** Revisions that must be applied before this one without being followed by it. */
  readonly dependsOn?: string | readonly string[] | undefined;
  /**
   * Branch labels: names for this revision and all that follow it, to be used in targets.
   *
   * @example ['billing'] // slipway upgrade billing@head
   */
  readonly labels?: string | readonly string[] | undefined;
  /** What it does, in one line, as `slipway history` lists it. */
  readonly description?: string | undefined;
  /**
   * `expand` (the default) runs before a rollout; `contract`, which takes things away that the
   * previous release still uses, after it.
   */
  readonly phase?: 'expand' | 'contract' | undefined;
  /**
   * Whether code of the previous release keeps working after this revision. slipway cannot see what
   * a function does, so without this key it takes the revision for a breaking one, and an older
   * image refuses to start on it.
   *
   * @example { verdict: 'yes', reason: 'only fills a column that nobody reads yet' }
   */
  readonly compatible?: { readonly verdict: 'yes' | 'no'; readonly reason: string } | undefined;
  /**
   * How long a statement may wait for a lock on a table; instead of the setting `lock-timeout`.
   *
   * @example '500ms'
   */
  readonly lockTimeout?: string | undefined;
  /**
   * How long a statement may run; instead of the setting `statement-timeout`.
   *
   * @example '5min'
   */
  readonly statementTimeout?: string | undefined;
  /**
   * Hazards of this revision that are accepted, each with the reason. What a function does cannot be
   * read: its hazard is of the class `unknown`.
   *
   * @example [{ hazard: 'unknown', reason: 'tried out on a copy of production' }]
   */
  readonly approve?: readonly AcceptedHazard[] | undefined;
  /** Findings of `slipway lint` that are accepted for this revision. */
  readonly ignore?: readonly AcceptedFinding[] | undefined;
  /**
   * The upgrade. All of it runs in one transaction, together with the record that it was applied:
   * when it throws, nothing of it stays. Await every query.
   *
   * @example
   * ```ts
   * up: async (db) => {
   *   await db.query('alter table users add column phone text');
   *   await db.query('update users set phone = $1 where phone is null', ['unknown']);
   * }
   * ```
   */
  readonly up: (db: RevisionDatabase) => Promise<void>;
  /**
   * Checks the upgrade, in the same transaction. The revision is rolled back when this throws or
   * answers false.
   *
   * @example
   * ```ts
   * verify: async (db) => {
   *   const { rows } = await db.query('select 1 from users where phone is null limit 1');
   *   return rows.length === 0;
   * }
   * ```
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is meant.
  readonly verify?: ((db: RevisionDatabase) => Promise<boolean | void>) | undefined;
}

interface Reversible {
  /**
   * The downgrade: undoes what `up` did, in one transaction. It runs from the release that has this
   * file; unlike the SQL of an SQL revision it cannot be kept in the database.
   *
   * @example
   * ```ts
   * down: async (db) => {
   *   await db.query('alter table users drop column phone');
   * }
   * ```
   */
  readonly down: (db: RevisionDatabase) => Promise<void>;
  /** Only for a revision without `down`. */
  readonly irreversible?: undefined;
}

interface Irreversible {
  /** Only for a revision that is not irreversible. */
  readonly down?: undefined;
  /**
   * Why there is no way back; instead of `down`.
   *
   * @example 'the old passwords cannot be told from their hashes'
   */
  readonly irreversible: string;
}

/**
 * A TypeScript revision: who it is, what it follows, and its functions. It needs `down`, or the
 * reason why there is none in `irreversible`.
 *
 * A statement that Postgres does not allow in a transaction (`create index concurrently`) belongs in
 * an SQL revision with `-- slipway:transaction none`.
 */
export type RevisionDefinition = DefinitionHeader & (Reversible | Irreversible);

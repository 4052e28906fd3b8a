/** What a revision is: one node of the history, read from one file. Knows nothing of files or SQL syntax. */

import type { Approval } from './hazards.ts';
import type { RelationLock, RelationWork } from './locks.ts';
import type { SoftDrop } from './soft-drop.ts';

/** A revision's identity: `[A-Za-z0-9_]{1,64}`, by default 12 hex digits. */
export type RevisionId = string;

export type Direction = 'upgrade' | 'downgrade';

/** `expand` runs before a rollout, `contract` after it (DESIGN §7.5). */
export type Phase = 'expand' | 'contract';

/** What a revision's file is written in. */
export type Language = 'sql' | 'typescript';

/** What the file of this name is written in. */
export function languageOf(file: string): Language {
  return file.endsWith('.ts') ? 'typescript' : 'sql';
}

/** Whether code of the release before this revision keeps working after it. */
export interface Compatibility {
  readonly verdict: 'yes' | 'no' | 'unknown';
  readonly reason: string;
}

/** One `-- slipway:up|verify|down` section: its SQL exactly as in the file, and where it starts. */
export interface Section {
  readonly text: string;
  /** Offset of the first character of `text` in the file's text, in UTF-16 code units. */
  readonly offset: number;
  /** Line of the first character of `text`, counted from 1. */
  readonly line: number;
}

/** `ignore <rule> <reason>`: a lint finding that was accepted on purpose. */
export interface Ignore {
  readonly rule: string;
  readonly reason: string;
}

/** A revision as its file says it. */
export interface Revision {
  readonly id: RevisionId;
  /** The revisions it follows: none for a base, several for a merge. */
  readonly revises: readonly RevisionId[];
  /** Revisions that must be applied before it without being its parents. */
  readonly dependsOn: readonly RevisionId[];
  readonly labels: readonly string[];
  readonly phase: Phase;
  /** First plain comment of the header. */
  readonly description: string;
  /** Path as shown to people, for example `migrations/20260101000000_add_phone.sql`. */
  readonly file: string;
  /** `typescript`: its sections are functions, and the sections of this object are empty. */
  readonly language: Language;
  /** Hex SHA-256 over directives and SQL, line ends and trailing blanks normalised. */
  readonly checksum: string;
  /** `none`: the statements run outside a transaction block, each journaled. */
  readonly transaction: 'one' | 'none';
  readonly lockTimeoutMs: number | undefined;
  readonly statementTimeoutMs: number | undefined;
  /** Why there is no way back, when the file says so. */
  readonly irreversible: string | undefined;
  /** The header's word on compatibility, which overrides the classification. */
  readonly compatible: Compatibility | undefined;
  /** `approve <class> <reason>`: hazards that were accepted on purpose. */
  readonly approvals: readonly Approval[];
  readonly ignores: readonly Ignore[];
  readonly up: Section;
  readonly verify: Section | undefined;
  readonly down: Section | undefined;
  /** The whole file as text, kept in the database so that a lost file can be restored. */
  readonly source: string;
}

/** A relation as a statement names it. */
export interface RelationName {
  /** Undefined when the statement names no schema: the search path decides. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** A table, or a column of one, whose data a statement loses. */
export interface LostData extends RelationName {
  /** Undefined: all of its rows. */
  readonly column?: string | undefined;
}

/** What a completed statement leaves behind in the catalog: the evidence that it ran (DESIGN §6.5). */
export type Postcondition =
  | {
      readonly kind: 'index-valid';
      /** Undefined when the statement names no schema: the search path decides. */
      readonly schema: string | undefined;
      /** Undefined when the server chooses the name. */
      readonly index: string | undefined;
      /** What the statement asked for, as far as the catalog can be held against it. */
      readonly definition?: IndexDefinition;
    }
  | { readonly kind: 'index-absent'; readonly schema: string | undefined; readonly index: string }
  | {
      readonly kind: 'enum-label';
      readonly schema: string | undefined;
      readonly type: string;
      readonly label: string;
    }
  /** An object is there, or is not; named as `pg_get_object_address` wants it. */
  | {
      readonly kind: 'object';
      readonly type: string;
      readonly name: readonly string[];
      readonly args: readonly string[];
      readonly present: boolean;
    }
  | {
      readonly kind: 'constraint-valid';
      readonly table: RelationName;
      readonly constraint: string;
    }
  | {
      readonly kind: 'partition';
      readonly parent: RelationName;
      readonly partition: RelationName;
      readonly attached: boolean;
    }
  /** No index that an interrupted `reindex concurrently` of this left behind; it can be repeated. */
  | {
      readonly kind: 'no-reindex-remnants';
      readonly of: 'index' | 'table' | 'schema' | 'database';
      readonly schema: string | undefined;
      readonly name: string;
    };

/** An index as its statement describes it. */
export interface IndexDefinition {
  readonly table: string;
  readonly unique: boolean;
  /** The statement's text behind the table's name: method, columns, include, where. */
  readonly rest: string;
  /** An index of that name, whatever it is, makes the statement pass. */
  readonly ifNotExists: boolean;
}

/**
 * What an interruption means in a statement that runs outside a transaction block.
 * `atomic`: it can run in one transaction with its journal entry, which then tells ·
 * `repeatable`: by nature twice is the same as once · `unknown`: only the catalog may tell.
 */
export type Interruption = 'atomic' | 'repeatable' | 'unknown';

/** What one statement does to data and to running code. */
export interface StatementFacts {
  /** What is lost for good, in words: `column users.phone`, `table audit`. Empty when nothing is. */
  readonly dataLoss: readonly string[];
  /** Where that data is, as far as it can be counted; left out where nothing is lost. */
  readonly lost?: readonly LostData[];
  readonly compatibility: Compatibility;
  /** Whether Postgres allows it inside a transaction block. */
  readonly transactional: boolean;
  readonly interruption: Interruption;
  readonly postcondition: Postcondition | undefined;
  /** The strongest lock on each relation, in the order in which they are taken. */
  readonly locks: readonly RelationLock[];
  /** What grows with the size of tables; empty for a change of the catalog alone. */
  readonly work: readonly RelationWork[];
  /**
   * Its text does not tell all that it locks and goes through: it runs code (`do`, `call`, a function),
   * or works on whatever the catalog says. There may be more than `locks` and `work` list.
   */
  readonly opaque?: true;
}

/** `backfill …`: a statement that runs batch by batch over ranges of a key (DESIGN §6.6). */
export interface Backfill {
  /** Undefined when the directive names no schema: the search path decides. */
  readonly schema: string | undefined;
  readonly table: string;
  /** One column that is never null and by which an index is ordered. */
  readonly key: string;
  /** Keys per batch, at most; equal keys are taken together. */
  readonly batch: number;
  readonly pauseMs: number;
  /** How far replicas may fall behind; undefined: as far as they like. */
  readonly maxLagMs: number | undefined;
  /** A batch that takes longer is followed by smaller ones. */
  readonly maxTimeMs: number;
}

/** One SQL statement of a section, ready to be sent. */
export interface Statement {
  /** As sent to the server: no directives above it, no semicolon behind it. */
  readonly text: string;
  /** The command in words, for logs: `create table`, `alter table`, `sql`. */
  readonly command: string;
  /** Offset of `text` in the file's text, in UTF-16 code units. */
  readonly offset: number;
  /** Line and column of the first character of `text` in the file, counted from 1, in characters. */
  readonly line: number;
  readonly column: number;
  /** `only-if <sql>`: run the statement only where this query says true. */
  readonly onlyIf: string | undefined;
  /** `idempotent`: safe to run again when it is unknown whether it ran. */
  readonly idempotent: boolean;
  readonly ignores: readonly Ignore[];
  /** Rows behind `copy … from stdin`, without the closing `\.` line. */
  readonly copyData: string | undefined;
  /** Its text then has `:from` and `:to`, the first and the last key of a batch. */
  readonly backfill?: Backfill | undefined;
  /** Its text is then the directive, and what is sent is what that stands for. */
  readonly softDrop?: SoftDrop | undefined;
  readonly facts: StatementFacts;
}

/** A section cut into statements, with what is known of each. */
export interface Script {
  readonly statements: readonly Statement[];
  /**
   * False when the parser did not understand the section: it is then one statement that only the
   * server can judge, and nothing is known about it.
   */
  readonly parsed: boolean;
}

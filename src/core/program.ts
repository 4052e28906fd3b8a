/** The functions of a TypeScript revision, and what they are given. Types only. */

/** What a statement answered. */
export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  /** Rows that the command counted; null for commands that count none, such as `create table`. */
  readonly rowCount: number | null;
}

/** The database as the functions of a revision see it: inside the revision's transaction. */
export interface RevisionDatabase {
  /**
   * Runs one statement inside the revision's transaction. `$1`, `$2`, … in the text stand for
   * `values`, which never become part of the SQL.
   *
   * @example
   * ```ts
   * const { rows } = await db.query<{ id: number }>('select id from users where email is null');
   * await db.query('update users set email = $1 where id = $2', ['unknown', rows[0]?.id]);
   * ```
   */
  query<Row extends object = { readonly [column: string]: unknown }>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
}

/** The functions of a TypeScript revision, ready to be called. */
export interface RevisionProgram {
  readonly up: (db: RevisionDatabase) => Promise<void>;
  /** Answers false, or throws, when the revision did not do what it should have. */
  readonly verify: ((db: RevisionDatabase) => Promise<boolean | undefined>) | undefined;
  readonly down: ((db: RevisionDatabase) => Promise<void>) | undefined;
  /**
   * Where in the revision's file an error came from, or the call that is running now: the innermost
   * frame of `stack` that stands in the file. Undefined when none does.
   */
  locate(stack: string): { readonly line: number; readonly column: number } | undefined;
}

/** A TypeScript revision as one self-contained script, as the release bundle keeps it. */
export interface CompiledRevision {
  readonly code: string;
  /** Source map, as JSON; its paths are relative to the folder of the revision's file. */
  readonly map: string;
}

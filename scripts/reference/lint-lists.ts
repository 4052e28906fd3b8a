/** The rules of other linters for Postgres migrations, and why some have no meaning here. */

/** A rule of another linter. */
export interface ListedRule {
  /** As rules name it in `covers`, behind the list's name. */
  readonly id: string;
  /** What it finds. */
  readonly finds: string;
  /** In Markdown: why none of our rules covers it. */
  readonly reason?: string;
}

/** All rules of a linter. */
export interface RuleList {
  /** As `covers` names it. */
  readonly name: 'squawk' | 'strong_migrations' | 'atlas';
  readonly title: string;
  readonly rules: readonly ListedRule[];
}

const OTHER_SYSTEMS = 'slipway is for Postgres alone.';

/** The lists that ours is held against, each complete. */
export const RULE_LISTS: readonly RuleList[] = [
  {
    name: 'squawk',
    title: 'squawk',
    rules: [
      { id: 'adding-field-with-default', finds: 'a new column with a volatile default' },
      { id: 'adding-foreign-key-constraint', finds: 'a foreign key that is validated at once' },
      { id: 'adding-not-nullable-field', finds: '`set not null` on a column' },
      { id: 'adding-required-field', finds: 'a new column that is not null and has no default' },
      { id: 'adding-serial-primary-key-field', finds: 'a primary key that builds its index' },
      { id: 'ban-alter-domain-with-add-constraint', finds: 'a new constraint of a domain' },
      { id: 'ban-char-field', finds: 'columns of type `char(n)`' },
      {
        id: 'ban-concurrent-index-creation-in-transaction',
        finds: '`create index concurrently` in a transaction',
      },
      { id: 'ban-create-domain-with-constraint', finds: 'a domain with constraints' },
      { id: 'ban-drop-column', finds: 'dropped columns' },
      { id: 'ban-drop-database', finds: 'dropped databases' },
      { id: 'ban-drop-not-null', finds: '`drop not null`' },
      { id: 'ban-drop-table', finds: 'dropped tables' },
      { id: 'ban-duplicate-column-assignments', finds: 'a column named twice in one statement' },
      { id: 'ban-truncate-cascade', finds: '`truncate … cascade`' },
      {
        id: 'ban-uncommitted-transaction',
        finds: '`begin` without `commit`',
        reason:
          'Each revision runs in one transaction of slipway’s own, so `begin` is refused: `SLIPWAY_TRANSACTION_CONTROL`.',
      },
      { id: 'changing-column-type', finds: 'another type for a column' },
      { id: 'constraint-missing-not-valid', finds: 'a constraint without `not valid`' },
      { id: 'disallowed-unique-constraint', finds: 'a unique constraint that builds its index' },
      { id: 'identifier-too-long', finds: 'names of more than 63 bytes' },
      { id: 'prefer-bigint-over-int', finds: 'columns of type `integer`' },
      { id: 'prefer-bigint-over-smallint', finds: 'columns of type `smallint`' },
      { id: 'prefer-identity', finds: '`serial`' },
      { id: 'prefer-repack', finds: '`vacuum full` and `cluster`' },
      {
        id: 'prefer-robust-stmts',
        finds: 'statements without `if exists`, which a second run cannot repeat',
        reason:
          'A revision runs in one transaction, and nothing of a failed run is left. With `transaction none` each statement is journaled, and the next run asks the catalog what became of it. `if not exists` would hide an invalid index.',
      },
      { id: 'prefer-text-field', finds: 'columns of type `varchar(n)`' },
      { id: 'prefer-timestamp-tz', finds: '`timestamp` without time zone' },
      { id: 'renaming-column', finds: 'renamed columns' },
      { id: 'renaming-table', finds: 'renamed tables' },
      { id: 'require-concurrent-index-creation', finds: '`create index` without `concurrently`' },
      { id: 'require-concurrent-index-deletion', finds: '`drop index` without `concurrently`' },
      {
        id: 'require-concurrent-partition-detach',
        finds: '`detach partition` without `concurrently`',
      },
      { id: 'require-concurrent-reindex', finds: '`reindex` without `concurrently`' },
      { id: 'require-enum-value-ordering', finds: '`add value` without `before` or `after`' },
      { id: 'require-lock-timeout', finds: 'changes without a `lock_timeout`' },
      { id: 'require-statement-timeout', finds: 'changes without a `statement_timeout`' },
      { id: 'require-table-schema', finds: 'names without a schema' },
      { id: 'require-timeout-settings', finds: 'changes without timeouts (its old name)' },
      {
        id: 'transaction-nesting',
        finds: '`begin` and `commit` in what runs in a transaction',
        reason: 'Refused where the file is read: `SLIPWAY_TRANSACTION_CONTROL`.',
      },
      { id: 'unused-ignore', finds: 'a comment that suppresses nothing' },
      {
        id: 'syntax-error',
        finds: 'SQL that cannot be parsed',
        reason: 'An error of `lint`, `check-files` and `build` alike: `SLIPWAY_SQL_SYNTAX`.',
      },
    ],
  },
  {
    name: 'strong_migrations',
    title: 'strong_migrations, its checks for Postgres',
    rules: [
      { id: 'remove_column', finds: 'dropped columns' },
      { id: 'change_column', finds: 'another type for a column' },
      { id: 'change_column_with_not_null', finds: 'another type together with `not null`' },
      { id: 'change_column_constraint', finds: 'another type for a column with a check' },
      { id: 'rename_column', finds: 'renamed columns' },
      { id: 'rename_table', finds: 'renamed tables' },
      { id: 'rename_schema', finds: 'renamed schemas' },
      { id: 'rename_enum_value', finds: 'renamed enum labels' },
      { id: 'create_table', finds: 'tables that are created anew with `force`' },
      { id: 'create_join_table', finds: 'join tables that are created anew with `force`' },
      { id: 'add_column_auto_incrementing', finds: 'a new column that counts by itself' },
      { id: 'add_column_generated_stored', finds: 'a new stored generated column' },
      { id: 'add_column_default', finds: 'a new column with a volatile default' },
      {
        id: 'add_column_default_callable',
        finds: 'a new column whose default cannot be looked into',
      },
      { id: 'add_column_json', finds: 'columns of type `json`' },
      { id: 'add_reference', finds: 'a reference with an index or foreign key that blocks' },
      { id: 'add_foreign_key', finds: 'a foreign key that is validated at once' },
      {
        id: 'validate_foreign_key',
        finds: 'a foreign key validated in the transaction that adds it',
      },
      { id: 'add_check_constraint', finds: 'a check that is validated at once' },
      {
        id: 'validate_check_constraint',
        finds: 'a check validated in the transaction that adds it',
      },
      { id: 'add_unique_constraint', finds: 'a unique constraint that builds its index' },
      { id: 'add_exclusion_constraint', finds: 'exclusion constraints' },
      { id: 'add_index', finds: '`create index` without `concurrently`' },
      { id: 'add_index_columns', finds: 'an index of more than three columns that is not unique' },
      {
        id: 'add_index_corruption',
        finds: 'concurrent builds on Postgres 14.0 to 14.3, which may corrupt the index',
        reason:
          'A matter of the server and not of the file, and of releases that were replaced in June 2022.',
      },
      { id: 'remove_index', finds: '`drop index` without `concurrently`' },
      { id: 'change_column_null_postgresql', finds: '`set not null` on a column' },
      { id: 'change_column_null', finds: 'one update of all rows, beside `set not null`' },
      {
        id: 'change_column_default',
        finds: 'another default while Rails writes only changed columns',
        reason: 'About how Rails writes rows, which SQL does not tell.',
      },
      { id: 'change_table', finds: 'changes that cannot be looked into' },
      { id: 'execute', finds: 'SQL that cannot be looked into' },
      {
        id: 'backfilling data',
        finds: 'data changed in one go',
        reason:
          'Described in its README, and checked by nothing there. Here `unbatched-backfill` finds it.',
      },
    ],
  },
  {
    name: 'atlas',
    title: 'Atlas, its analyzers',
    rules: [
      {
        id: 'non-linear history',
        finds: 'a migration below applied ones',
        reason:
          'History is a graph here. `slipway check-files` finds several heads, and with `--base` a revision that begins below published ones.',
      },
      { id: 'DS101', finds: 'dropped schemas' },
      { id: 'DS102', finds: 'dropped tables' },
      { id: 'DS103', finds: 'dropped columns' },
      { id: 'MF101', finds: 'a unique index on columns that have rows' },
      { id: 'MF102', finds: 'an index that becomes unique' },
      { id: 'MF103', finds: 'a new column that is not null and has no default' },
      { id: 'MF104', finds: '`set not null` on a column' },
      { id: 'BC101', finds: 'renamed tables' },
      { id: 'BC102', finds: 'renamed columns' },
      { id: 'CD101', finds: 'dropped foreign keys' },
      { id: 'NM101', finds: 'names of schemas' },
      { id: 'NM102', finds: 'names of tables' },
      { id: 'NM103', finds: 'names of columns' },
      { id: 'NM104', finds: 'names of indexes' },
      { id: 'NM105', finds: 'names of foreign keys' },
      { id: 'NM106', finds: 'names of checks' },
      { id: 'PG101', finds: '`create index` without `concurrently`' },
      { id: 'PG102', finds: '`drop index` without `concurrently`' },
      { id: 'PG103', finds: 'concurrent builds in a transaction' },
      { id: 'PG104', finds: 'a primary key that builds its index' },
      { id: 'PG105', finds: 'a unique constraint that builds its index' },
      { id: 'PG110', finds: 'columns in an order that wastes room' },
      { id: 'PG301', finds: 'another type that rewrites the table' },
      { id: 'PG302', finds: 'a new column with a volatile default' },
      { id: 'PG303', finds: '`set not null`, which reads all rows' },
      { id: 'PG304', finds: 'a primary key on nullable columns, which reads all rows' },
      { id: 'PG305', finds: 'a check that reads all rows' },
      { id: 'MY101–MY123', finds: 'changes of MySQL', reason: OTHER_SYSTEMS },
      { id: 'LT101', finds: 'changes of SQLite', reason: OTHER_SYSTEMS },
    ],
  },
];

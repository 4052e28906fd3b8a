/** All rules, in the order of their pages. */

import type { Rule } from './rule.ts';
import { ATTACH_PARTITION_SCANS } from './rules/attach-partition.ts';
import { CHECK_VALIDATES, FOREIGN_KEY_VALIDATES } from './rules/checked-constraints.ts';
import { COLUMN_ALIGNMENT } from './rules/column-alignment.ts';
import { COLUMN_TYPE_MAY_REWRITE, COLUMN_TYPE_REWRITE } from './rules/column-type.ts';
import { BREAKING_CHANGE, UNCLASSIFIED } from './rules/compatibility.ts';
import {
  CONCURRENT_INDEX_IF_NOT_EXISTS,
  DROP_INDEX_NOT_CONCURRENT,
  INDEX_NOT_CONCURRENT,
} from './rules/concurrent-index.ts';
import {
  DETACH_NOT_CONCURRENT,
  REFRESH_NOT_CONCURRENT,
  REINDEX_NOT_CONCURRENT,
} from './rules/concurrently.ts';
import { CONTRACT_BEFORE_EXPAND } from './rules/contract-before-expand.ts';
import { DROP_CASCADE, TRUNCATE_CASCADE, UNAPPROVED_DATA_LOSS } from './rules/data-loss.ts';
import { CREATE_DOMAIN_CONSTRAINT, DOMAIN_CONSTRAINT } from './rules/domains.ts';
import { DOWN_DOES_NOT_UNDO, LOSSY_DOWN, MISSING_DOWN } from './rules/down.ts';
import { DROP_COLUMN, DROP_DATABASE, DROP_OBJECT, DROP_SCHEMA, DROP_TABLE } from './rules/drop.ts';
import { DUPLICATE_COLUMN } from './rules/duplicate-column.ts';
import { ENUM_VALUE_ORDER, ENUM_VALUE_USED } from './rules/enums.ts';
import { IDENTIFIER_TOO_LONG } from './rules/identifier-too-long.ts';
import {
  EXCLUSION_CONSTRAINT,
  PRIMARY_KEY_BUILDS_INDEX,
  UNIQUE_CONSTRAINT_BUILDS_INDEX,
} from './rules/index-constraints.ts';
import { DROP_FOREIGN_KEY, DROP_NOT_NULL } from './rules/lifted-constraint.ts';
import { UNBATCHED_BACKFILL, WORK_UNDER_LOCK } from './rules/long-transaction.ts';
import { NAMING, UNQUALIFIED_NAME } from './rules/names.ts';
import { SERIAL_COLUMN, VOLATILE_DEFAULT } from './rules/new-column.ts';
import { NOT_IN_TRANSACTION } from './rules/not-in-transaction.ts';
import { PREFER_BIGINT, PREFER_IDENTITY } from './rules/number-types.ts';
import { ONLY_IF_OWN_OBJECT, VERIFY_WRITES } from './rules/questions.ts';
import { RENAME_SCHEMA, RENAME_TABLE, SET_SCHEMA } from './rules/rename.ts';
import { RENAME_COLUMN } from './rules/rename-column.ts';
import { RENAME_ENUM_VALUE, RENAME_OBJECT } from './rules/rename-object.ts';
import { REPEATED_REWRITE } from './rules/repeated-rewrite.ts';
import { REQUIRED_COLUMN } from './rules/required-column.ts';
import { SECURITY_DEFINER_SEARCH_PATH } from './rules/security-definer.ts';
import { SET_NOT_NULL_SCANS } from './rules/set-not-null.ts';
import { STORED_GENERATED_COLUMN } from './rules/stored-generated-column.ts';
import { LOCK_TABLE, TABLE_REWRITE } from './rules/table-rewrite.ts';
import { TIMEOUT_OFF } from './rules/timeout-off.ts';
import { UNIQUE_INDEX_ON_EXISTING_DATA } from './rules/unique-on-existing-data.ts';
import { UNUSED_IGNORE } from './rules/unused-ignore.ts';
import { VALIDATE_IN_SAME_TRANSACTION } from './rules/validate-in-same-transaction.ts';
import {
  CHAR_TYPE,
  JSON_COLUMN,
  PREFER_TEXT,
  TIMESTAMP_WITHOUT_TIME_ZONE,
} from './rules/value-types.ts';
import { WIDE_INDEX } from './rules/wide-index.ts';

/** Every rule there is. */
export const RULES: readonly Rule[] = [
  // locks
  INDEX_NOT_CONCURRENT,
  DROP_INDEX_NOT_CONCURRENT,
  CONCURRENT_INDEX_IF_NOT_EXISTS,
  REINDEX_NOT_CONCURRENT,
  REFRESH_NOT_CONCURRENT,
  DETACH_NOT_CONCURRENT,
  ATTACH_PARTITION_SCANS,
  NOT_IN_TRANSACTION,
  FOREIGN_KEY_VALIDATES,
  CHECK_VALIDATES,
  VALIDATE_IN_SAME_TRANSACTION,
  UNIQUE_CONSTRAINT_BUILDS_INDEX,
  PRIMARY_KEY_BUILDS_INDEX,
  EXCLUSION_CONSTRAINT,
  SET_NOT_NULL_SCANS,
  VOLATILE_DEFAULT,
  SERIAL_COLUMN,
  STORED_GENERATED_COLUMN,
  COLUMN_TYPE_REWRITE,
  COLUMN_TYPE_MAY_REWRITE,
  TABLE_REWRITE,
  REPEATED_REWRITE,
  WORK_UNDER_LOCK,
  UNBATCHED_BACKFILL,
  LOCK_TABLE,
  TIMEOUT_OFF,
  DOMAIN_CONSTRAINT,
  CREATE_DOMAIN_CONSTRAINT,
  ENUM_VALUE_USED,
  ENUM_VALUE_ORDER,
  // compatibility
  DROP_COLUMN,
  DROP_TABLE,
  DROP_SCHEMA,
  DROP_OBJECT,
  DROP_DATABASE,
  DROP_CASCADE,
  TRUNCATE_CASCADE,
  UNAPPROVED_DATA_LOSS,
  RENAME_TABLE,
  RENAME_COLUMN,
  RENAME_SCHEMA,
  RENAME_ENUM_VALUE,
  RENAME_OBJECT,
  SET_SCHEMA,
  DROP_FOREIGN_KEY,
  DROP_NOT_NULL,
  REQUIRED_COLUMN,
  UNIQUE_INDEX_ON_EXISTING_DATA,
  CONTRACT_BEFORE_EXPAND,
  BREAKING_CHANGE,
  UNCLASSIFIED,
  MISSING_DOWN,
  DOWN_DOES_NOT_UNDO,
  LOSSY_DOWN,
  ONLY_IF_OWN_OBJECT,
  VERIFY_WRITES,
  // types
  PREFER_BIGINT,
  PREFER_IDENTITY,
  PREFER_TEXT,
  CHAR_TYPE,
  TIMESTAMP_WITHOUT_TIME_ZONE,
  JSON_COLUMN,
  COLUMN_ALIGNMENT,
  WIDE_INDEX,
  // names
  IDENTIFIER_TOO_LONG,
  DUPLICATE_COLUMN,
  UNQUALIFIED_NAME,
  NAMING,
  SECURITY_DEFINER_SEARCH_PATH,
  // the rules themselves
  UNUSED_IGNORE,
];

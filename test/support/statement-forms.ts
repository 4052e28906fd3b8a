/** Every form of statement whose facts are measured on servers and listed in the reference. */

import { ATTACHMENTS, DESCRIPTIONS } from './statement-forms/access.ts';
import { COLUMNS } from './statement-forms/columns.ts';
import { CONSTRAINTS } from './statement-forms/constraints.ts';
import type { FormFamily } from './statement-forms/form.ts';
import { INDEXES } from './statement-forms/indexes.ts';
import { PARTITIONS } from './statement-forms/partitions.ts';
import { MAINTENANCE, ROWS } from './statement-forms/rows.ts';
import { DROPPED_TABLES, NEW_TABLES, TABLE_SETTINGS } from './statement-forms/tables.ts';
import { SEQUENCES, TYPES } from './statement-forms/types.ts';
import { VIEWS } from './statement-forms/views.ts';

/** All families, in the order of the reference. */
export const FORM_FAMILIES: readonly FormFamily[] = [
  NEW_TABLES,
  COLUMNS,
  CONSTRAINTS,
  TABLE_SETTINGS,
  INDEXES,
  PARTITIONS,
  DROPPED_TABLES,
  VIEWS,
  SEQUENCES,
  TYPES,
  ATTACHMENTS,
  DESCRIPTIONS,
  ROWS,
  MAINTENANCE,
];

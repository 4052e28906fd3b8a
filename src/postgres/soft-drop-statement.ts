/** What is sent to the server for a statement of a revision: its text, or what a directive stands for. */

import type { Statement } from '../core/revision.ts';
import type { SoftDrop } from '../core/soft-drop.ts';
import { dollarQuoted } from './script-text.ts';
import type { OwnHistory } from './soft-drop-block.ts';
import { hideColumn } from './soft-drop-column.ts';
import { hideTable } from './soft-drop-table.ts';
import { restoreColumn } from './soft-restore-column.ts';
import { restoreTable } from './soft-restore-table.ts';

/** The statement's SQL, for a history that is `own`. */
export function sentText(statement: Statement, own: OwnHistory): string {
  const { softDrop, text } = statement;
  return softDrop === undefined ? text : softDropText(softDrop, own);
}

/** The one SQL statement that hides or brings back: all of it happens, or nothing. */
export function softDropText(softDrop: SoftDrop, own: OwnHistory): string {
  return `do ${dollarQuoted(`\n${blockOf(softDrop, own)}\n`)}`;
}

function blockOf({ action, object, revision }: SoftDrop, own: OwnHistory): string {
  if (object.kind === 'table') {
    return (action === 'hide' ? hideTable : restoreTable)(object, revision, own);
  }
  return (action === 'hide' ? hideColumn : restoreColumn)(object, revision, own);
}

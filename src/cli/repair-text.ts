/** What `slipway repair` found, for people. */

import { styleText } from 'node:util';
import type { ChangedRevision, PartialRevision, RepairReport } from '../runner/repair-report.ts';
import { table } from './table.ts';

interface Style {
  readonly colour: boolean;
}

/** The report as lines. */
export function repairLines(report: RepairReport, style: Style): readonly string[] {
  const blocks = [
    ...report.partial.map((each) => partialLines(each, style)),
    ...report.changed.map((each) => changedLines(each, style)),
  ];
  if (blocks.length === 0) return ['nothing needs a person'];
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

const NEXT = {
  done: 'is done',
  again: 'goes on by itself',
  unknown: 'needs you',
  changed: 'needs you: another statement ran in its place',
} as const;

function partialLines(partial: PartialRevision, style: Style): readonly string[] {
  const { id, description, direction, statements } = partial;
  const rows = statements.map((statement) => [
    String(statement.number),
    statement.journal,
    statement.command,
    statement.location,
    statement.evidence?.fact ?? '-',
    NEXT[statement.next],
  ]);
  const titles = ['#', 'JOURNAL', 'STATEMENT', 'WHERE', 'EVIDENCE', 'NEXT'];
  const open = statements.find(({ next }) => next === 'unknown' || next === 'changed');
  return [
    strong(`${id} ${description}: half applied`, style),
    `${direction} begun ${partial.begunAt} by ${partial.begunBy}`,
    ...(rows.length === 0 ? [] : table(titles, rows, style).trimEnd().split('\n')),
    ...(open === undefined
      ? [`next: slipway ${direction === 'upgrade' ? 'upgrade' : 'downgrade'} goes on with it`]
      : [
          `next: look at statement ${open.number}, then slipway repair ${id} --statement ${open.number}=done (or =absent) --reason "..."`,
        ]),
  ];
}

function changedLines(changed: ChangedRevision, style: Style): readonly string[] {
  const { id, description, file, upDiffers } = changed;
  return [
    strong(`${id} ${description}: changed after it was applied`, style),
    `applied ${changed.appliedAt} by ${changed.appliedBy}; ${upDiffers ? 'the SQL of its upgrade differs' : 'the SQL of its upgrade is the same'}`,
    `--- as applied`,
    `+++ ${file}`,
    ...changed.difference.map((line) => coloured(line, style)),
    `next: put the file back (slipway show ${id} --applied), or slipway repair ${id} --accept-changed${upDiffers ? ' --reason "..."' : ''}`,
  ];
}

function strong(text: string, { colour }: Style): string {
  return colour ? styleText('bold', text, { validateStream: false }) : text;
}

function coloured(line: string, { colour }: Style): string {
  if (!colour || !/^[-+]/.test(line)) return line;
  return styleText(line.startsWith('+') ? 'green' : 'red', line, { validateStream: false });
}

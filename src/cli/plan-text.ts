/** A plan for a terminal. */

import { styleText } from 'node:util';
import type { PlannedHazard, PlannedRevision, UpgradePlan } from '../runner/upgrade-plan.ts';
import {
  blockerWords,
  conditionWords,
  lockWords,
  planSummary,
  revisionFacts,
  waitWords,
  workWords,
} from './plan-words.ts';
import { table } from './table.ts';

type Style = 'bold' | 'dim' | 'red' | 'yellow';
type Paint = (style: Style, text: string) => string;

/** The plan as a person reads it. */
export function planAsText(
  plan: UpgradePlan,
  server: string,
  { colour }: { readonly colour: boolean },
): string {
  const paint: Paint = (style, text) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const { refusal, warnings, conditions } = plan;
  const blockers = blockerWords(plan);
  const blocks = [
    `${paint('bold', planSummary(plan))} on ${server}, at ${plan.heads.join(', ') || 'base'}\n`,
    ...plan.revisions.map((revision) => revisionBlock(revision, paint, colour)),
    ...(plan.revisions.length === 0
      ? []
      : [listBlock(paint('bold', 'in the way now'), blockers, 'nobody')]),
    ...(warnings.length === 0
      ? []
      : [listBlock(paint('yellow', 'before you start'), warnings, '')]),
    `${conditionWords(conditions)
      .map(([name, value]) => `${paint('dim', name.padEnd(20))}${value}`)
      .join('\n')}\n`,
    ...(refusal === undefined
      ? []
      : [
          `${paint('red', `upgrade would end with exit code ${refusal.exitCode}`)}: ${refusal.message}\n  ${refusal.hint ?? ''}\n`,
        ]),
  ];
  return blocks.join('\n');
}

function revisionBlock(revision: PlannedRevision, paint: Paint, colour: boolean): string {
  const head = `${paint('bold', revision.id)}  ${revision.description} ${paint('dim', `(${revisionFacts(revision)})`)}\n`;
  const rows = revision.statements.map((statement) => [
    String(statement.line),
    oneLine(`${statement.backfill ? 'backfill: ' : ''}${statement.sql}`),
    lockWords(statement).join('; ') || '-',
    waitWords(statement),
    workWords(statement).join('; ') || '-',
  ]);
  const body =
    rows.length === 0
      ? `  ${revision.language === 'typescript' ? 'a program: its statements are known when it runs' : 'no statements'}\n`
      : indented(table(['LINE', 'STATEMENT', 'LOCKS', 'WAITING', 'WORK'], rows, { colour }));
  const hazards = [
    ...revision.hazards,
    ...revision.statements.flatMap((statement) => statement.hazards),
  ];
  return `${head}${body}${hazards.map((hazard) => `  ${hazardLine(hazard, paint)}\n`).join('')}`;
}

const MARKS: { readonly [K in PlannedHazard['judgement']]: readonly [Style, string] } = {
  allowed: ['dim', 'allowed'],
  warned: ['yellow', 'hazard'],
  approved: ['yellow', 'approved'],
  refused: ['red', 'refused'],
  unapproved: ['red', 'needs approval'],
};

function hazardLine(
  { class: hazardClass, hazard, judgement, reason }: PlannedHazard,
  paint: Paint,
): string {
  const [style, mark] = MARKS[judgement];
  const why = reason === undefined ? '' : ` (approved: ${reason})`;
  return `${paint(style, mark)} (${hazardClass}): ${hazard}${why}`;
}

function listBlock(title: string, lines: readonly string[], none: string): string {
  if (lines.length === 0) return `${title}: ${none}\n`;
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

const SQL_LENGTH = 60;

/** The beginning of a statement. */
function oneLine(sql: string): string {
  const flat = sql.replace(/\s+/g, ' ').trim();
  return flat.length > SQL_LENGTH ? `${flat.slice(0, SQL_LENGTH - 1)}…` : flat;
}

/** A plan as GitHub and GitLab render it in a comment. */

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

/** The plan as Markdown. */
export function planAsMarkdown(plan: UpgradePlan, server: string): string {
  const { refusal, warnings, conditions, revisions } = plan;
  const blockers = blockerWords(plan);
  const notes = [...warnings, ...blockers];
  return [
    `## Migration plan: ${text(planSummary(plan))}`,
    ...(refusal === undefined
      ? []
      : [
          `> **\`upgrade\` would end with exit code ${refusal.exitCode}**: ${text(refusal.message)}\n> ${text(refusal.hint ?? '')}`,
        ]),
    ...revisions.map(section),
    ...(notes.length === 0
      ? []
      : [`### In the way now\n\n${notes.map((note) => `- ${text(note)}`).join('\n')}`]),
    `<sub>${text(
      [
        `${server}, at ${plan.heads.join(', ') || 'base'}`,
        ...conditionWords(conditions).map(([name, value]) => `${name}: ${value}`),
      ].join(' · '),
    )}. Times are estimated from sizes.</sub>`,
  ]
    .join('\n\n')
    .concat('\n');
}

function section(revision: PlannedRevision): string {
  const hazards = [
    ...revision.hazards,
    ...revision.statements.flatMap((statement) => statement.hazards),
  ];
  const rows = revision.statements.map((statement) =>
    row([
      code(`${statement.backfill ? 'backfill: ' : ''}${statement.sql}`),
      cell(lockWords(statement).join('; ') || '–'),
      waitWords(statement),
      cell(workWords(statement).join('; ') || '–'),
    ]),
  );
  return [
    `### \`${revision.id}\` ${text(revision.description)}`,
    `${revisionFacts(revision)} · \`${revision.file}\``,
    ...(rows.length === 0
      ? []
      : [
          [
            row(['statement', 'locks', 'waiting', 'work']),
            row(['---', '---', '---', '---']),
            ...rows,
          ].join('\n'),
        ]),
    ...(hazards.length === 0 ? [] : [hazards.map(hazardLine).join('\n')]),
  ].join('\n\n');
}

const MARKS: { readonly [K in PlannedHazard['judgement']]: string } = {
  allowed: 'allowed',
  warned: ':warning: hazard',
  approved: ':white_check_mark: approved',
  refused: ':no_entry: refused',
  unapproved: ':no_entry: needs approval',
};

function hazardLine({ class: hazardClass, hazard, judgement, reason }: PlannedHazard): string {
  const why = reason === undefined ? '' : ` (${text(reason)})`;
  return `- **${MARKS[judgement]}** \`${hazardClass}\`: ${text(hazard)}${why}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

const SQL_LENGTH = 120;

/** SQL in a cell: a fence that no backtick in it closes, no pipe that ends the cell. */
function code(sql: string): string {
  const flat = sql.replace(/\s+/g, ' ').trim();
  const cut = flat.length > SQL_LENGTH ? `${flat.slice(0, SQL_LENGTH - 1)}…` : flat;
  const fence = '`'.repeat(Math.max(0, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = cut.startsWith('`') || cut.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${cut.replaceAll('|', '\\|')}${pad}${fence}`;
}

function cell(words: string): string {
  return text(words).replaceAll('|', '\\|');
}

/** Names may hold what Markdown or HTML would take for its own. */
function text(words: string): string {
  return words
    .replaceAll(/[\\`*_{}[\]<>#]/g, (character) => `\\${character}`)
    .replaceAll('\n', ' ');
}

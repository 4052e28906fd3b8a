/** Revisions in words for people: one line each, or a block of facts in the style of Alembic's. */

import { styleText } from 'node:util';
import type { RevisionView } from './revision-view.ts';

/** Whether the text goes to a terminal that shows colour. */
export interface TextStyle {
  readonly colour: boolean;
}

type Colour = Parameters<typeof styleText>[0];

/** `id (labels) (head) …, description`. */
export function oneLine(view: RevisionView, style: TextStyle): string {
  const words = [paint(view.id, 'yellow', style), ...markWords(view, style)];
  return `${words.join(' ')}${view.description === '' ? '' : `, ${view.description}`}`;
}

/** The line of a revision, or with `verbose` all its facts and a blank line behind them. */
export function entryLines(
  view: RevisionView,
  style: TextStyle & { readonly verbose: boolean },
): readonly string[] {
  return style.verbose ? [...factLines(view, style), ''] : [oneLine(view, style)];
}

/** Lines as a text that may be empty. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** What is special about a revision: `(users) (head) (current)`. */
export function markWords(view: RevisionView, style: TextStyle): readonly string[] {
  const { labels, state, isHead, neededBy, isCurrent, isBranchPoint, isMergePoint } = view;
  const mark = (word: string, colour: Colour): string => paint(`(${word})`, colour, style);
  return [
    ...(labels.length === 0 ? [] : [mark(labels.join(', '), 'green')]),
    // As Alembic says it: a head of its branch, and something on another branch depends on it.
    ...(isHead ? [mark(neededBy.length === 0 ? 'head' : 'effective head', 'cyan')] : []),
    ...(isCurrent ? [mark('current', 'magenta')] : []),
    ...(isBranchPoint ? [mark('branchpoint', 'cyan')] : []),
    ...(isMergePoint ? [mark('mergepoint', 'cyan')] : []),
    ...(state === 'unknown' ? [mark('not in this release', 'red')] : []),
  ];
}

/** All that is known of a revision, a line per fact, then its description. */
export function factLines(view: RevisionView, style: TextStyle): readonly string[] {
  const { labels, ...unlabelled } = view;
  const { revises, appliedAt } = view;
  const marks = markWords({ ...unlabelled, labels: [] }, style);
  const facts: readonly (readonly [string, string])[] = [
    ['Rev', [paint(view.id, 'yellow', style), ...marks].join(' ')],
    [view.isMergePoint ? 'Merges' : 'Parent', listed(revises) || '<base>'],
    ['Also depends on', listed(view.dependsOn)],
    ['Needed by', listed(view.neededBy)],
    ['Branches into', view.isBranchPoint ? listed(view.followedBy) : ''],
    ['Branch names', listed(labels)],
    ['Inherited branch names', listed(view.inheritedLabels)],
    ['Path', view.file],
    ['Phase', view.phase],
    ['Compatible', compatibility(view)],
    ['State', stateWord(view, style)],
    ['Applied', appliedAt === undefined ? '' : `${appliedAt} by ${view.by ?? ''}${stamped(view)}`],
    ['Checksum', checksum(view, style)],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`])),
    '',
    ...view.description.split('\n').map((line) => `    ${line}`.trimEnd()),
  ];
}

/** The state of a revision as a word of a table; none where no database was asked. */
export function stateWord({ state }: RevisionView, style: TextStyle): string {
  return state === 'listed' ? '' : paint(state, STATE_COLOURS[state], style);
}

const STATE_COLOURS: { readonly [S in RevisionView['state']]: Colour } = {
  current: 'green',
  applied: 'green',
  partial: 'red',
  pending: 'yellow',
  unknown: 'red',
  listed: 'dim',
};

const SHORT_CHECKSUM = 12;

function compatibility({ compatible, compatibleReason, isFloor }: RevisionView): string {
  if (compatible === undefined) return '';
  const floor = isFloor ? '; the compatibility floor: releases without it cannot start' : '';
  return compatibleReason === undefined || compatibleReason === ''
    ? `${compatible}${floor}`
    : `${compatible} (${compatibleReason})${floor}`;
}

function checksum(view: RevisionView, style: TextStyle): string {
  const { appliedChecksum } = view;
  const short = view.checksum.slice(0, SHORT_CHECKSUM);
  if (appliedChecksum === undefined) return short;
  if (appliedChecksum === view.checksum) return `${short}, as applied`;
  const changed = `changed: ${appliedChecksum.slice(0, SHORT_CHECKSUM)} was applied`;
  return `${short}, ${paint(changed, 'red', style)}`;
}

function stamped(view: RevisionView): string {
  return view.stamped === true ? ', stamped: it did not run' : '';
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}

function paint(text: string, colour: Colour, style: TextStyle): string {
  return style.colour ? styleText(colour, text, { validateStream: false }) : text;
}

/** Where slipway differs from Alembic on purpose; the guide's table is made from this. */

import type { Answer } from './answers.ts';
import { closureOf } from './cases.ts';
import type { Comparison } from './compare.ts';
import type { ParityNode } from './graphs.ts';

/** A difference on purpose, and the disagreements that it explains. */
export interface Difference {
  readonly id: string;
  /** What the user writes. */
  readonly title: string;
  /** What Alembic does. */
  readonly alembic: string;
  /** What slipway does. */
  readonly slipway: string;
  readonly reason: string;
  applies(comparison: Comparison): boolean;
}

type Refusal = Extract<Answer, { readonly verdict: 'refused' }>;

/** All of them. Each disagreement is explained by exactly one. */
export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'current-is-a-symbol',
    title: '`current`, `current+1`, `label@current`',
    alembic: 'Knows `current` in `history`, `show` and `edit` only.',
    slipway: 'Knows it wherever a target is taken.',
    reason: 'A word that works in one command is tried in the others.',
    applies: ({ target, alembic, slipway }) =>
      /(^|@)current([+-]\d+)?$/.test(target) &&
      says(alembic, "Can't locate revision identified by 'current") &&
      slipway.verdict === 'works' &&
      (slipway.ran.length === 0 || !target.endsWith('current')),
  },
  {
    id: 'minus-takes-back-a-merge',
    title: '`downgrade -1` where the current head is a merge',
    alembic: 'Refuses: "Ambiguous walk".',
    slipway: 'Takes the merge back; its branches are the current heads then.',
    reason: 'What goes is not ambiguous: the last revision that was applied.',
    applies: ({ graph, direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      /^(.+@)?-\d+$/.test(target) &&
      says(alembic, 'Ambiguous walk') &&
      slipway.verdict === 'works' &&
      slipway.ran.some((id) => graph.nodes.some((node) => node.id === id && isMerge(node))),
  },
  {
    id: 'branch-decides-at-a-merge',
    title: '`label@id-1`, `label@head-1` across a merge',
    alembic: 'Refuses: "Ambiguous walk". The label counts only on the way up.',
    slipway: 'Follows the labelled branch, down as well as up.',
    reason: 'The label says which way is meant.',
    applies: ({ target, alembic, slipway }) =>
      /@\w+-\d+$/.test(target) && says(alembic, 'Ambiguous walk') && slipway.verdict === 'works',
  },
  {
    id: 'relative-to-several-heads',
    title: '`downgrade -1` with several current heads',
    alembic: 'Picks the first row of its version table, with a warning.',
    slipway: 'Refuses and names the heads: `id@-1`, `label@-1`.',
    reason: 'Which branch loses a revision must not depend on the order of rows.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      /^-\d+$/.test(target) &&
      alembic.verdict === 'works' &&
      alembic.warnings.length > 0 &&
      says(slipway, 'SLIPWAY_TARGET_AMBIGUOUS'),
  },
  {
    id: 'branch-head-downwards',
    title: '`downgrade label@head` in a history with several heads',
    alembic: 'Ignores the label: "Multiple head revisions are present".',
    slipway: 'Has nothing to take back above that head, and says so; `label@head-1` goes below it.',
    reason: 'The label is there to say which head is meant, as it does for `upgrade`.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      /@heads?$/.test(target) &&
      says(alembic, 'Multiple head revisions are present') &&
      slipway.verdict === 'works' &&
      slipway.ran.length === 0,
  },
  {
    id: 'branch-above-its-label',
    title:
      '`downgrade label@id` where several branches are above `id`, and `label` is at or below it',
    alembic: 'Refuses: "Not a valid downgrade target from current heads".',
    slipway: 'Takes back what of the branch is above `id`.',
    reason: 'Revisions above the label are on the branch as well as those below it.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      target.includes('@') &&
      says(alembic, 'Not a valid downgrade target from current heads') &&
      slipway.verdict === 'works',
  },
  {
    id: 'branch-must-exist',
    title: '`downgrade nosuch@id`',
    alembic: 'Ignores the label, even one that does not exist, unless the way down forks.',
    slipway: 'Refuses an unknown label.',
    reason: 'A mistyped label must not take more back than was meant.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      alembic.verdict === 'works' &&
      says(
        slipway,
        `SLIPWAY_TARGET_UNKNOWN: no revision or branch label "${target.split('@')[0]}"`,
      ),
  },
  {
    id: 'branch-must-hold-the-target',
    title: '`downgrade label@id` where `id` is on another branch',
    alembic: 'Ignores the label unless the way down forks.',
    slipway: 'Refuses: `id` is not on that branch.',
    reason:
      '`upgrade label@id` is refused by both; the same mistake is the same mistake downwards.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'downgrade' &&
      target.includes('@') &&
      alembic.verdict === 'works' &&
      says(slipway, 'is not on the branch of'),
  },
  {
    id: 'already-down',
    title: '`downgrade id` where nothing above `id` is applied, and `id` is no current head',
    alembic: 'Refuses: "Destination … is not a valid downgrade target".',
    slipway: 'Has nothing to do.',
    reason: 'The database is where it was asked to be; a repeated command is not an error.',
    applies: ({ graph, direction, state, alembic, slipway }) =>
      direction === 'downgrade' &&
      says(alembic, 'is not a valid downgrade target from current head') &&
      slipway.verdict === 'works' &&
      slipway.ran.length === 0 &&
      slipway.applied.length === closureOf(graph, state).size,
  },
  {
    id: 'upgrade-to-base',
    title: '`upgrade base`, `upgrade label@base`',
    alembic: 'Does nothing and says nothing.',
    slipway: 'Refuses: `base` is the lower end.',
    reason: 'Whoever writes it means `downgrade base`, and should not believe that it happened.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'upgrade' &&
      /(^|@)base$/.test(target) &&
      alembic.verdict === 'works' &&
      alembic.ran.length === 0 &&
      says(slipway, 'SLIPWAY_TARGET_OUT_OF_RANGE'),
  },
  {
    id: 'below-base',
    title: '`base-1`',
    alembic: 'Takes it for `base`.',
    slipway: 'Refuses: there is nothing below.',
    reason: '`head+1` is refused by both.',
    applies: ({ target, alembic, slipway }) =>
      /^base-\d+$/.test(target) &&
      alembic.verdict === 'works' &&
      says(slipway, 'SLIPWAY_TARGET_OUT_OF_RANGE'),
  },
  {
    id: 'malformed-targets',
    title: '`+1x`, `@head`',
    alembic: 'Reads the part that it understands.',
    slipway: 'Refuses what is no target.',
    reason: 'A slip of the finger is not an order.',
    applies: ({ alembic, slipway }) =>
      alembic.verdict === 'works' && says(slipway, 'is not a target'),
  },
  {
    id: 'heads-are-heads',
    title:
      '`heads-1`, `downgrade heads`, `history -r label@base:` where one of two heads depends on the other',
    alembic: 'Counts one head: the other is "implied". `alembic heads` shows two.',
    slipway: 'Counts two, lists both, and refuses where one is needed.',
    reason: '`heads` means what `slipway heads` shows.',
    applies: ({ target, alembic, slipway }) =>
      alembic.verdict === 'works' &&
      (/^heads(-\d+)?$/.test(target)
        ? says(slipway, 'SLIPWAY_TARGET_AMBIGUOUS') || says(slipway, 'SLIPWAY_MULTIPLE_HEADS')
        : /^\w+@base:$/.test(target) &&
          alembic.ran.length === 0 &&
          slipway.verdict === 'works' &&
          slipway.ran.length > 0),
  },
  {
    id: 'heads-that-depend',
    title:
      '`upgrade label@heads`, `history -r a:label@heads` where one of these heads depends on another',
    alembic: 'Refuses: "Requested revision … overlaps with other requested revisions".',
    slipway: 'Takes all of them, what is depended on first.',
    reason: '`upgrade heads` does it in both.',
    applies: ({ direction, target, alembic, slipway }) =>
      (direction === 'upgrade' || direction === 'history') &&
      target.endsWith('@heads') &&
      says(alembic, 'overlaps with other requested revisions') &&
      slipway.verdict === 'works',
  },
  {
    id: 'relative-stamps',
    title: '`stamp +1`, `stamp -1`, `stamp id+1`, `stamp head-1`',
    alembic: 'Knows no relative targets here.',
    slipway: 'Counts as `upgrade` and `downgrade` do, from what is recorded.',
    reason: 'A target means the same in every command.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'stamp' &&
      /[+-]\d+$/.test(target) &&
      says(alembic, "Can't locate revision identified by") &&
      slipway.verdict === 'works',
  },
  {
    id: 'stamp-below-nothing',
    title: '`stamp -1`, `stamp label@-1` in an empty database',
    alembic: 'Counts down from the heads of the files.',
    slipway: 'Refuses: nothing is recorded to count from.',
    reason: 'A bare `-1` counts from what is applied, in every command.',
    applies: ({ direction, state, target, alembic, slipway }) =>
      direction === 'stamp' &&
      state.length === 0 &&
      /^(.+@)?-\d+$/.test(target) &&
      alembic.verdict === 'works' &&
      says(slipway, 'SLIPWAY_TARGET_OUT_OF_RANGE'),
  },
  {
    id: 'stamp-keeps-heads',
    title: '`stamp heads`, `stamp a b`, `stamp label@id` where some of it is recorded already',
    alembic: 'Forgets a head that was right, or that has nothing to do with the target.',
    slipway: 'Records all targets; what is neither above nor below one of them stays.',
    reason: 'A revision that is forgotten is run again by the next upgrade.',
    applies: ({ graph, direction, state, alembic, slipway }) => {
      if (direction !== 'stamp' || alembic.verdict !== 'works' || slipway.verdict !== 'works') {
        return false;
      }
      const [before, theirs, ours] = [
        closureOf(graph, state),
        new Set(alembic.applied),
        new Set(slipway.applied),
      ];
      return (
        theirs.size < ours.size &&
        theirs.isSubsetOf(ours) &&
        ours.difference(theirs).isSubsetOf(before)
      );
    },
  },
  {
    id: 'ranges-count-from-their-ends',
    title: '`history -r -3:current`, `history -r -2:id`',
    alembic: 'Counts `-3` from the heads of the files, wherever the other end is.',
    slipway: 'Counts from the other end, as far as there are any; refuses where that is several.',
    reason: 'It is what Alembic’s manual says of `-3:current`, and what one wants to see.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'history' &&
      /^-\d+:/.test(target) &&
      (slipway.verdict === 'works'
        ? alembic.verdict === 'refused' || alembic.ran.join() !== slipway.ran.join()
        : alembic.verdict === 'works' && says(slipway, 'SLIPWAY_TARGET_AMBIGUOUS')) &&
      // An open upper end is the heads, from which Alembic counts.
      !(target.endsWith(':') && alembic.verdict === slipway.verdict),
  },
  {
    id: 'ranges-beside-dependencies',
    title: '`history -r id:` where another branch depends on `id`',
    alembic: 'Stops with a traceback (`AssertionError`).',
    slipway: 'Lists what follows `id`.',
    reason: 'A branch that depends on a revision is still another branch.',
    applies: ({ direction, target, alembic, slipway }) =>
      direction === 'history' &&
      /:(heads)?$/.test(target) &&
      alembic.verdict === 'refused' &&
      alembic.reason.startsWith('AssertionError') &&
      slipway.verdict === 'works',
  },
  {
    id: 'no-crashes',
    title: 'A merge of which one parent or dependency is below another',
    alembic: 'Stops with a traceback (`KeyError`) on the way up, or on the way down.',
    slipway: 'Does what was asked.',
    reason: 'Nothing about such a history is wrong.',
    applies: ({ alembic, slipway }) =>
      alembic.verdict === 'refused' &&
      alembic.kind === 'crash' &&
      alembic.reason.startsWith('KeyError') &&
      slipway.verdict === 'works',
  },
];

function isMerge({ revises }: ParityNode): boolean {
  return revises.length > 1;
}

function says(answer: Answer, words: string): answer is Refusal {
  return answer.verdict === 'refused' && answer.kind === 'error' && answer.reason.includes(words);
}

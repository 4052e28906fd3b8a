/** Makes the edits that findings propose in the text of a file. */

import type { Edit } from './rule.ts';

/** A text with edits made, and which of the fixes those are. */
export interface FixedText {
  readonly text: string;
  /** Indexes of the fixes that were made. */
  readonly made: readonly number[];
}

/**
 * Makes the `fixes`, each as a whole or not at all. One that touches what another has changed is left
 * for the next round; an edit that several ask for is made once.
 */
export function applyFixes(source: string, fixes: readonly (readonly Edit[])[]): FixedText {
  const accepted: Edit[] = [];
  const made: number[] = [];
  for (const [index, fix] of fixes.entries()) {
    const others = fix.filter((edit) => !accepted.some((other) => isSame(edit, other)));
    const isFree = others.every((edit) => !accepted.some((other) => collides(edit, other)));
    if (fix.length === 0 || !isFree) continue;
    accepted.push(...others);
    made.push(index);
  }
  return { text: edited(source, accepted), made };
}

function isSame(a: Edit, b: Edit): boolean {
  return a.offset === b.offset && a.length === b.length && a.text === b.text;
}

/** Two insertions at one place have no order. */
function collides(a: Edit, b: Edit): boolean {
  if (a.length === 0 && b.length === 0) return a.offset === b.offset;
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

function edited(source: string, edits: readonly Edit[]): string {
  const lineEnd = /\r\n|\r|\n/.exec(source)?.[0] ?? '\n';
  const parts: string[] = [];
  let at = 0;
  // What is inserted at a place stands before what replaces the text behind it.
  for (const edit of edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length)) {
    parts.push(source.slice(at, edit.offset), edit.text.replaceAll('\n', lineEnd));
    at = edit.offset + edit.length;
  }
  return [...parts, source.slice(at)].join('');
}

/** The difference of two texts, line by line, as people know it from `diff -u`. */

/** Lines around a change that are shown with it. */
const CONTEXT = 2;
/** Beyond this many pairs of lines the middle is shown as replaced as a whole. */
const MOST_PAIRS = 4_000_000;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/**
 * Lines that only `before` has begin with `-`, those that only `after` has with `+`; what is the same
 * and far from a change is left out, marked by `…`. Empty when the texts have the same lines.
 */
export function lineDifference(before: string, after: string): readonly string[] {
  const lines = align(linesOf(before), linesOf(after));
  if (lines.every(([mark]) => mark === ' ')) return [];
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([mark]) => mark !== ' '),
  );
  return lines.flatMap(([mark, text], index) => {
    if (isNear[index]) return [`${mark} ${text}`.trimEnd()];
    return index === 0 || isNear[index - 1] ? ['…'] : [];
  });
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}

/** The longest common subsequence, behind what both begin with and before what both end with. */
function align(a: readonly string[], b: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let tail = 0;
  const most = Math.min(a.length, b.length) - start;
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (text: string): Line => [' ', text];
  return [
    ...a.slice(0, start).map(same),
    ...alignMiddle(a.slice(start, a.length - tail), b.slice(start, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function alignMiddle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const removed = (text: string): Line => ['-', text];
  const added = (text: string): Line => ['+', text];
  if (a.length * b.length > MOST_PAIRS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const lengthAt = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengthAt(i + 1, j + 1) + 1
          : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      lines.push([' ', left]);
      i++;
      j++;
    } else if (left !== undefined && (j === b.length || lengthAt(i + 1, j) >= lengthAt(i, j + 1))) {
      lines.push(removed(left));
      i++;
    } else {
      lines.push(added(right ?? ''));
      j++;
    }
  }
  return lines;
}

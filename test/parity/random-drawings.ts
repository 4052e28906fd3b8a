/** Random histories as drawings: the same ones for the same seed, on every machine. */

const LABELS = ['web', 'billing', 'core', 'jobs', 'mobile'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

interface Draft {
  readonly letter: string;
  readonly parents: readonly Draft[];
  readonly needed: readonly Draft[];
  readonly label: string | undefined;
}

/** `count` drawings of 4 to 14 revisions, every other one with its files in a random order. */
export function randomDrawings(seed: number, count: number): readonly (readonly string[])[] {
  const below = generator(seed);
  return Array.from({ length: count }, (_, index) => {
    const drafts = history(below);
    return (index % 2 === 0 ? drafts : shuffled(drafts, below)).map(draw);
  });
}

function history(below: (limit: number) => number): readonly Draft[] {
  const labels = [...LABELS];
  const drafts: Draft[] = [];
  const size = 4 + below(11);
  while (drafts.length < size) {
    const pick = (from: readonly Draft[]): Draft[] => from.slice(below(from.length)).slice(0, 1);
    const heads = drafts.filter((draft) => !drafts.some((other) => other.parents.includes(draft)));
    const kind = below(100);
    const parents =
      drafts.length === 0 || kind < 12
        ? []
        : kind < 28 && heads.length > 1
          ? shuffled(heads, below).slice(0, 2 + below(2))
          : kind < 50
            ? pick(drafts)
            : pick(heads);
    const needed = below(100) < 25 ? pick(drafts) : [];
    drafts.push({
      letter: LETTERS[drafts.length] ?? '',
      parents,
      needed: needed.filter((draft) => !parents.includes(draft)),
      label: below(100) < 22 ? labels.shift() : undefined,
    });
  }
  return drafts;
}

function draw({ letter, parents, needed, label }: Draft): string {
  const letters = (drafts: readonly Draft[]): string => drafts.map((each) => each.letter).join();
  return [
    parents.length === 0 ? letter : `${letter}<-${letters(parents)}`,
    ...(needed.length === 0 ? [] : [`depends:${letters(needed)}`]),
    ...(label === undefined ? [] : [`label:${label}`]),
  ].join(' ');
}

function shuffled<T>(items: readonly T[], below: (limit: number) => number): readonly T[] {
  const rest = [...items];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(below(rest.length), 1));
  return result;
}

/** A linear congruential generator (Numerical Recipes' constants); good enough to vary drawings. */
function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Random revision sets: a small history with branches and merges, as files and as plain SQL. */

import { INSIDE, newTable, type PieceMaker } from './pieces-inside.ts';
import { OUTSIDE, UNKNOWABLE } from './pieces-outside.ts';
import { type Random, randomFrom } from './random.ts';
import { sqlFile, typescriptFile } from './revision-text.ts';
import { type ChaosStatement, createWorlds, type Piece, plain, type World } from './world.ts';

/** A revision of a random history. */
export interface ChaosRevision {
  readonly id: string;
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly header: readonly string[];
  readonly transaction: 'one' | 'none';
  readonly language: 'sql' | 'typescript';
  readonly pieces: readonly string[];
  readonly up: readonly ChaosStatement[];
  readonly down: readonly ChaosStatement[];
  readonly verify: readonly string[];
  /** Nobody could take it back half way: it must be finished in its direction first. */
  readonly oneWay: boolean;
}

/** A random history and where it is read from. */
export interface RevisionSet {
  readonly seed: number;
  readonly number: number;
  readonly revisions: readonly ChaosRevision[];
  /** Name and content of each file below `migrations`. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether the program reads a release bundle instead of the folder. */
  readonly bundled: boolean;
  /** Whether every revision runs in a transaction. */
  readonly transactional: boolean;
  /** Whether every revision can be turned back half way. */
  readonly turnable: boolean;
  /** Whether some statement leaves no trace by which its fate could be known. */
  readonly unknowable: boolean;
}

/** Where every revision in a transaction leaves a row each time it runs, in either direction. */
export const TALLY = 'create table tally (revision text not null, direction text not null)';

/** The set of this number, always the same for a seed. */
export function revisionSet(seed: number, number: number): RevisionSet {
  const random = randomFrom(seed, number, 1);
  const worldOf = createWorlds(random);
  const ancestors: ReadonlySet<number>[] = [];
  const revisions: ChaosRevision[] = [];
  const count = random.integer(2, 8);
  for (let index = 0; index < count; index++) {
    const { revises, dependsOn } = index === 0 ? ROOT : edges(random, index, revisions);
    const above = new Set([...revises, ...dependsOn].flatMap((i) => [i, ...(ancestors[i] ?? [])]));
    ancestors.push(above);
    const ids = { revises: revises.map(idOf), dependsOn: dependsOn.map(idOf) };
    revisions.push({ id: idOf(index), ...ids, ...content(worldOf(index, above), index) });
  }
  const withContract = contract(revisions, random);
  return {
    seed,
    number,
    revisions: withContract,
    files: new Map(
      withContract.map((revision, index) => [
        `${20260101000000 + index}_${revision.id}.${revision.language === 'sql' ? 'sql' : 'ts'}`,
        revision.language === 'sql' ? sqlFile(revision) : typescriptFile(revision),
      ]),
    ),
    bundled: random.chance(0.7),
    transactional: withContract.every(({ transaction }) => transaction === 'one'),
    turnable: withContract.every(({ oneWay }) => !oneWay),
    unknowable: withContract.some(({ up }) => up.some((statement) => statement.unknowable)),
  };
}

const ROOT = { revises: [], dependsOn: [] } as const;

const idOf = (index: number): string => `r${index}`;

/** What the next revision follows: mostly the one before, else an older one, several heads, or none. */
function edges(
  random: Random,
  index: number,
  revisions: readonly ChaosRevision[],
): { readonly revises: readonly number[]; readonly dependsOn: readonly number[] } {
  const followed = new Set(revisions.flatMap(({ revises }) => revises));
  const heads = revisions.flatMap(({ id }, i) => (followed.has(id) ? [] : [i]));
  const kind = random.fraction();
  if (heads.length > 1 && kind < 0.35) return { revises: heads, dependsOn: [] };
  if (kind < 0.6) return { revises: [index - 1], dependsOn: [] };
  if (kind < 0.85) return { revises: [random.integer(0, index - 1)], dependsOn: [] };
  // A base of its own, or a branch, that needs what another branch has.
  const needed = random.integer(0, index - 1);
  if (kind < 0.92) return { revises: [], dependsOn: [needed] };
  const after = random.integer(0, index - 1);
  return { revises: [after], dependsOn: after === needed ? [] : [needed] };
}

type Content = Omit<ChaosRevision, 'id' | 'revises' | 'dependsOn'>;

function content(world: World, index: number): Content {
  const { random } = world;
  if (index === 0) return inside(index, [newTable(world), ...draw(INSIDE, world, 1)]);
  const kind = random.fraction();
  if (kind < 0.42) {
    const unknowable = random.chance(0.06) ? [UNKNOWABLE] : [];
    const pieces = [
      ...draw(OUTSIDE, world, random.pick([1, 1, 2, 3])),
      ...draw(unknowable, world, 1),
    ];
    if (pieces.length > 0) return outside(pieces);
  }
  if (kind > 0.95) return inside(index, []);
  const pieces = draw(INSIDE, world, random.integer(1, 3));
  return inside(index, pieces, random.chance(0.12) ? 'typescript' : 'sql');
}

/** Up to `count` pieces of different kinds; some find nothing to work on, and others are drawn. */
function draw(makers: readonly PieceMaker[], world: World, count: number): readonly Piece[] {
  const left = new Set(makers);
  const pieces: Piece[] = [];
  while (left.size > 0 && pieces.length < count) {
    const maker = world.random.pick([...left]);
    left.delete(maker);
    const piece = maker(world);
    if (piece !== undefined) pieces.push(piece);
  }
  return pieces;
}

function inside(
  index: number,
  pieces: readonly Piece[],
  language: ChaosRevision['language'] = 'sql',
): Content {
  const tally = (direction: string) =>
    plain(`insert into tally values ('${idOf(index)}', '${direction}')`);
  // A program copies nothing from standard input and has no conditions.
  const kept = pieces.filter(
    ({ up }) =>
      language === 'sql' ||
      up.every((each) => each.inFile === undefined && each.onlyIf === undefined),
  );
  return {
    header: [],
    transaction: 'one',
    language,
    pieces: kept.map(({ name }) => name),
    up: [...kept.flatMap(({ up }) => up), ...tally('up')],
    down: [...tally('down'), ...kept.toReversed().flatMap(({ down }) => down)],
    verify: kept.flatMap(({ verify }) => verify ?? []),
    oneWay: false,
  };
}

function outside(pieces: readonly Piece[]): Content {
  return {
    header: ['transaction none'],
    transaction: 'none',
    language: 'sql',
    pieces: pieces.map(({ name }) => name),
    up: pieces.flatMap(({ up }) => up),
    down: pieces.toReversed().flatMap(({ down }) => down),
    verify: [],
    oneWay: pieces.some(({ oneWay }) => oneWay),
  };
}

/** Sometimes ends the history with a revision for after the rollout, which drops a column. */
function contract(revisions: readonly ChaosRevision[], random: Random): readonly ChaosRevision[] {
  const table = revisions[0]?.up[0]?.sql.match(/create table (\w+)/)?.[1];
  if (table === undefined || !random.chance(0.3)) return revisions;
  const followed = new Set(revisions.flatMap(({ revises }) => revises));
  const heads = revisions.filter(({ id }) => !followed.has(id)).map(({ id }) => id);
  const id = idOf(revisions.length);
  return [
    ...revisions,
    {
      id,
      revises: heads,
      dependsOn: [],
      header: ['phase contract', 'approve data-loss nobody reads it any more'],
      transaction: 'one',
      language: 'sql',
      pieces: ['contract'],
      up: plain(
        `alter table ${table} drop column spare`,
        `insert into tally values ('${id}', 'up')`,
      ),
      down: plain(
        `insert into tally values ('${id}', 'down')`,
        `alter table ${table} add column spare int`,
      ),
      verify: [],
      oneWay: false,
    },
  ];
}

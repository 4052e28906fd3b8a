/** What exists at a point of a random history, and who has used it: so that branches never depend on their order. */

import type { Random } from './random.ts';

/** A statement of a random revision. */
export interface ChaosStatement {
  /** As it is run without slipway. */
  readonly sql: string;
  /** The whole text in the file, where that is another one. */
  readonly inFile?: string;
  readonly onlyIf?: string;
  readonly idempotent?: true;
  /** Nobody can know afterwards whether it ran: only here a person may be asked. */
  readonly unknowable?: true;
}

/** A part of a revision's way up and its way down. */
export interface Piece {
  readonly name: string;
  readonly up: readonly ChaosStatement[];
  readonly down: readonly ChaosStatement[];
  readonly verify?: string;
  /** Taken back half way it would take back too much: true of no piece that can be turned. */
  readonly oneWay?: true;
}

type ThingKind = 'table' | 'index' | 'enum' | 'check' | 'partition' | 'long table';

/** An object that revisions work on. */
export interface Thing {
  readonly kind: ThingKind;
  readonly name: string;
  /** The table it belongs to. */
  readonly table: string;
  /** Of an index: what makes the same one again, without a lock on writers. */
  readonly again?: string;
}

interface Kept extends Thing {
  readonly bornIn: number;
  readonly users: Set<number>;
  gone: boolean;
}

/** The world as one revision sees it: what its ancestors made and nobody took away. */
export interface World {
  readonly random: Random;
  /** A name that no other object has. */
  name(stem: string): string;
  add(thing: Thing): void;
  /** Something of this kind, for changes that may happen in any order with those of others. */
  use(kind: ThingKind): Thing | undefined;
  /** Something that only ancestors have used so far, for changes whose order matters. */
  own(kind: ThingKind): Thing | undefined;
  /** The same, and nobody may use it from now on. */
  take(kind: ThingKind): Thing | undefined;
  /** For rows that are this revision's alone: a number that no other one has. */
  readonly number: number;
}

/** Keeps track of all objects of a history while its revisions are made, in order. */
export function createWorlds(
  random: Random,
): (number: number, ancestors: ReadonlySet<number>) => World {
  const things: Kept[] = [];
  let names = 0;
  return (number, ancestors) => {
    const visible = (kind: ThingKind) =>
      things.filter((thing) => thing.kind === kind && !thing.gone && ancestors.has(thing.bornIn));
    const settled = (kind: ThingKind) =>
      visible(kind).filter(({ users }) =>
        [...users].every((user) => ancestors.has(user) || user === number),
      );
    const pick = (found: readonly Kept[]): Kept | undefined => {
      if (found.length === 0) return undefined;
      const thing = random.pick(found);
      thing.users.add(number);
      return thing;
    };
    return {
      random,
      number,
      name: (stem) => `${stem}_${names++}`,
      add: (thing) => {
        things.push({ ...thing, bornIn: number, users: new Set(), gone: false });
      },
      use: (kind) => pick(visible(kind)),
      own: (kind) => pick(settled(kind)),
      take(kind) {
        const thing = pick(settled(kind));
        if (thing !== undefined) thing.gone = true;
        return thing;
      },
    };
  };
}

/** Statements without anything special. */
export function plain(...sql: readonly string[]): readonly ChaosStatement[] {
  return sql.map((text) => ({ sql: text }));
}

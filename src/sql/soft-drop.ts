/** The directives `soft-drop` and `soft-restore`: how they are written, and which belong together. */

import type { RevisionId } from '../core/revision.ts';
import {
  type HiddenObject,
  type HideableName,
  hideableWords,
  isNamed,
  type SoftDrop,
} from '../core/soft-drop.ts';
import { nameParts } from './backfill.ts';
import type { Directive } from './directives.ts';
import type { Mistake } from './file-error.ts';

/** The directives, and what each does. */
export const SOFT_DROP_ACTIONS = {
  'soft-drop': 'hide',
  'soft-restore': 'restore',
} as const satisfies Record<string, SoftDrop['action']>;

type SoftDropName = keyof typeof SOFT_DROP_ACTIONS;

/** Whether the directive of this name is a statement itself. */
export function isSoftDrop(name: string): name is SoftDropName {
  return Object.hasOwn(SOFT_DROP_ACTIONS, name);
}

/** How a directive is written, for hints. */
export function softDropUsage(name: SoftDropName): string {
  return `${name} column <table>.<column>, or ${name} table <table>, with the schema before the table where the search path does not lead to it`;
}

/** Reads what stands behind the directive; a text says what is wrong with it. */
export function readHideable(value: string): HideableName | string {
  const [, kind, written = ''] = /^(\S+)(?:\s+(.*))?$/su.exec(value.trim()) ?? [];
  if (kind === undefined) return 'it does not say what';
  if (kind !== 'column' && kind !== 'table') return `"${kind}" is neither column nor table`;
  if (written === '') return `it does not say which ${kind}`;
  const parts = nameParts(written);
  if (parts === undefined) return `"${written}" is no name of a ${kind}`;
  if (kind === 'table') {
    const [table, schema, ...above] = parts.toReversed();
    if (table === undefined || above.length > 0) return `"${written}" is no name of a table`;
    return { kind, schema, table };
  }
  const [column, table, schema, ...above] = parts.toReversed();
  if (column === undefined || above.length > 0) return `"${written}" is no name of a column`;
  if (table === undefined) return `"${written}" does not say the table of the column`;
  return { kind, schema, table, column };
}

/**
 * Whether a name on the command line means `hidden`: as SQL writes it, with schema or without, and
 * with `column` or `table` in front where somebody wants to be exact.
 */
export function readHidden(name: string, hidden: HiddenObject): boolean {
  const exact = readHideable(name);
  if (typeof exact !== 'string') return isNamed(hidden, exact);
  return (['column', 'table'] as const).some((kind) => {
    const read = readHideable(`${kind} ${name}`);
    return typeof read !== 'string' && isNamed(hidden, read);
  });
}

/** What a directive does that was read before; `revision` is whose it is. */
export function softDropOf({ name, value }: Directive, revision: RevisionId): SoftDrop | undefined {
  if (!isSoftDrop(name)) return undefined;
  const object = readHideable(value);
  return typeof object === 'string'
    ? undefined
    : { action: SOFT_DROP_ACTIONS[name], object, revision };
}

/** The soft drops of the sections of a file. */
interface Sections {
  readonly up: readonly Directive[];
  readonly verify: readonly Directive[];
  readonly down: readonly Directive[];
  readonly isIrreversible: boolean;
  /** Where the section begins, if there is one. */
  readonly downStart: number | undefined;
}

/** What is wrong with the soft drops of a file as a whole: what one way hides, the other brings back. */
export function mistakeOfSoftDrops(sections: Sections): Mistake | undefined {
  const { up, verify, down, isIrreversible, downStart } = sections;
  const [verified] = verify;
  if (verified !== undefined) {
    return {
      offset: verified.offset,
      problem: `"${verified.name}" stands in the section "verify", which only asks questions`,
      hint: 'move it to the section "up" or "down"',
    };
  }
  const misplaced = up.find(({ name }) => name === 'soft-restore');
  if (misplaced !== undefined) {
    return {
      offset: misplaced.offset,
      problem: '"soft-restore" stands in the section "up"',
      hint: 'it brings back what the same revision has hidden, so it belongs in the section "down"',
    };
  }
  const hidden = new Map(up.map((each) => [objectOf(each), each]));
  const twice = up.find((each) => hidden.get(objectOf(each)) !== each);
  if (twice !== undefined) {
    return {
      offset: hidden.get(objectOf(twice))?.offset ?? twice.offset,
      problem: `${objectOf(twice)} is soft-dropped twice`,
      hint: 'keep one of the two lines; the second finds nothing',
    };
  }
  const restored = down.filter(({ name }) => name === 'soft-restore');
  const unknown = restored.find((each) => !hidden.has(objectOf(each)));
  if (unknown !== undefined) {
    return {
      offset: unknown.offset,
      problem: `the section "up" does not soft-drop ${objectOf(unknown)}`,
      hint: 'write the same name in both sections, with the schema in both or in none',
    };
  }
  const again = restored.find(
    (each) => restored.find((other) => objectOf(other) === objectOf(each)) !== each,
  );
  if (again !== undefined) {
    return {
      offset: again.offset,
      problem: `${objectOf(again)} is restored twice`,
      hint: 'keep one of the two lines',
    };
  }
  const lost = up.find((each) => !restored.some((other) => objectOf(other) === objectOf(each)));
  if (lost === undefined || isIrreversible || downStart === undefined) return undefined;
  return {
    offset: lost.offset,
    problem: `the section "down" does not bring ${objectOf(lost)} back`,
    hint: `write \`-- slipway:soft-restore ${lost.value}\` into it`,
  };
}

function objectOf({ value }: Directive): string {
  const object = readHideable(value);
  return typeof object === 'string' ? value : hideableWords(object);
}

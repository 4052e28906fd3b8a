/** The `-- slipway:` lines: which there are, where they may stand, and how their values are read. */

import { parseDuration } from '../core/duration.ts';
import { type Approval, HAZARD_CLASSES, isHazardClass } from '../core/hazards.ts';
import { nearest } from '../core/nearest.ts';
import type { Backfill, Compatibility, Ignore, Phase, RevisionId } from '../core/revision.ts';
import type { HideableName } from '../core/soft-drop.ts';
import { BACKFILL_USAGE, readBackfill } from './backfill.ts';
import { fileError, type SourceFile } from './file-error.ts';
import type { Span } from './lexer.ts';
import { readHideable, softDropUsage } from './soft-drop.ts';

/** A directive as it stands in a file. */
export interface Directive {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
}

/** Names of the sections, in the order they are printed. */
export const SECTIONS = ['up', 'verify', 'down'] as const;
/** Name of a section. */
export type SectionName = (typeof SECTIONS)[number];

/** Whether the directive of this name begins a section. */
export function isSection(name: string): name is SectionName {
  return (SECTIONS as readonly string[]).includes(name);
}

/** How one directive's value is read. */
interface Kind<T> {
  /** How it is written, for hints. */
  readonly usage: string;
  /** Undefined when the value makes no sense. */
  readonly parse: (value: string) => T | undefined;
  /** What exactly is wrong with a value that makes no sense, where more than `usage` can be said. */
  readonly complaint?: (value: string) => string | undefined;
  readonly repeatable?: true;
}

const ID = /^[A-Za-z0-9_]{1,64}$/;
const LABEL = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
/** Words that mean something else where a revision or a label is asked for. */
const RESERVED = new Set(['head', 'heads', 'base', 'current']);
/** Postgres keeps timeouts as milliseconds in 32 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const ignore: Kind<Ignore> = {
  usage: 'ignore <rule> <reason>',
  parse: (value) => {
    const [rule, reason] = firstWord(value);
    return reason === '' || !/^[a-z0-9-]+$/.test(rule) ? undefined : { rule, reason };
  },
  repeatable: true,
};

/** Keys of the header. */
export const HEADER_KEYS = {
  revision: {
    usage: 'revision <id>, with up to 64 letters, digits or underscores',
    parse: (value): RevisionId | undefined => (isId(value) ? value : undefined),
  },
  revises: {
    usage: 'revises <id> [<id> …], or nothing behind it for a base',
    parse: (value) => list(value, isId),
  },
  'depends-on': {
    usage: 'depends-on <id> [<id> …]',
    parse: (value) => filledList(value, isId),
  },
  label: {
    usage: 'label <name> [<name> …]',
    parse: (value) => filledList(value, (word) => LABEL.test(word) && !RESERVED.has(word)),
  },
  phase: {
    usage: 'phase expand or phase contract',
    parse: (value): Phase | undefined =>
      value === 'expand' || value === 'contract' ? value : undefined,
  },
  compatible: {
    usage: 'compatible yes <reason> or compatible no <reason>',
    parse: (value): Compatibility | undefined => {
      const [verdict, reason] = firstWord(value);
      if ((verdict !== 'yes' && verdict !== 'no') || reason === '') return undefined;
      return { verdict, reason };
    },
  },
  transaction: {
    usage: 'transaction none; without this key a revision runs in one transaction',
    parse: (value) => (value === 'none' ? ('none' as const) : undefined),
  },
  'lock-timeout': { usage: 'lock-timeout <duration>, such as 3s or 500ms', parse: timeout },
  'statement-timeout': { usage: 'statement-timeout <duration>, such as 5min', parse: timeout },
  irreversible: { usage: 'irreversible <reason>', parse: filled },
  approve: {
    usage: `approve <class> <reason>, of the classes ${HAZARD_CLASSES.join(', ')}`,
    parse: (value): Approval | undefined => {
      const [hazard, reason] = firstWord(value);
      return isHazardClass(hazard) && reason !== '' ? { hazard, reason } : undefined;
    },
    repeatable: true,
  },
  ignore,
} satisfies Record<string, Kind<unknown>>;

/** Directives above a statement. */
export const STATEMENT_DIRECTIVES = {
  ignore,
  'only-if': { usage: 'only-if <sql returning boolean>', parse: filled },
  idempotent: {
    usage: 'idempotent, with nothing behind it',
    parse: (value) => (value === '' ? (true as const) : undefined),
  },
  backfill: {
    usage: BACKFILL_USAGE,
    parse: (value): Backfill | undefined => {
      const read = readBackfill(value);
      return typeof read === 'string' ? undefined : read;
    },
    complaint: (value) => {
      const read = readBackfill(value);
      return typeof read === 'string' ? read : undefined;
    },
  },
} satisfies Record<string, Kind<unknown>>;

/** Directives that are statements themselves: no SQL belongs to them. */
export const STANDALONE_DIRECTIVES = {
  'soft-drop': softDropKind('soft-drop'),
  'soft-restore': softDropKind('soft-restore'),
} satisfies Record<string, Kind<unknown>>;

function softDropKind(name: 'soft-drop' | 'soft-restore'): Kind<HideableName> {
  return {
    usage: softDropUsage(name),
    parse: (value) => {
      const read = readHideable(value);
      return typeof read === 'string' ? undefined : read;
    },
    complaint: (value) => {
      const read = readHideable(value);
      return typeof read === 'string' ? `${name}: ${read}` : undefined;
    },
  };
}

type Table = Record<string, Kind<unknown>>;
type ValueOf<K> = K extends Kind<infer T> ? T : never;
/** What the directives of a table said: per name the values in order, empty when it does not occur. */
export type Values<T extends Table> = { readonly [N in keyof T]: readonly ValueOf<T[N]>[] };

/** The directive in a line comment, or undefined when it is a plain comment. */
export function directiveIn(source: string, comment: Span): Directive | undefined {
  const match = PREFIX.exec(source.slice(comment.start, comment.end));
  if (match === null) return undefined;
  const [name, value] = firstWord(source.slice(comment.start + match[0].length, comment.end));
  return { name, value, offset: comment.start };
}

const PREFIX = /^--[ \t]*slipway[ \t]*:/i;

/** The values of directives that belong together: of a header, or above one statement. */
export function readDirectives<T extends Table>(
  source: SourceFile,
  table: T,
  directives: readonly Directive[],
): Values<T> {
  const values = new Map<string, unknown[]>(Object.keys(table).map((name) => [name, []]));
  for (const { name, value, offset } of directives) {
    const kind = table[name];
    const said = values.get(name);
    if (kind === undefined || said === undefined) throw misplaced(source, name, offset);
    if (said.length > 0 && kind.repeatable !== true) {
      throw fileError(source, {
        offset,
        problem: `"${name}" is given twice`,
        hint: 'keep one of the two lines',
      });
    }
    const parsed = kind.parse(value);
    if (parsed === undefined) {
      throw fileError(source, {
        offset,
        problem: kind.complaint?.(value) ?? `"${`${name} ${value}`.trim()}" is not understood`,
        hint: `write ${kind.usage}`,
      });
    }
    said.push(parsed);
  }
  // Built from the table's own names and its own parsers, which the compiler cannot follow.
  return Object.fromEntries<unknown>(values) as Values<T>;
}

/** The error for a directive that may not stand where it does, or that nobody knows. */
function misplaced(source: SourceFile, name: string, offset: number): Error {
  if (Object.hasOwn(HEADER_KEYS, name)) {
    return fileError(source, {
      offset,
      problem: `"${name}" belongs in the header`,
      hint: 'move the line above the first section',
    });
  }
  if (Object.hasOwn(STATEMENT_DIRECTIVES, name)) {
    return fileError(source, {
      offset,
      problem: `"${name}" belongs above a statement`,
      hint: 'move the line into a section, above the statement it is meant for',
    });
  }
  if (Object.hasOwn(STANDALONE_DIRECTIVES, name)) {
    return fileError(source, {
      offset,
      problem: `"${name}" belongs in a section`,
      hint: 'move the line into the section "up" or "down", where it takes the place of a statement',
    });
  }
  const known = [
    ...SECTIONS,
    ...Object.keys(HEADER_KEYS),
    ...Object.keys(STANDALONE_DIRECTIVES),
    ...Object.keys(STATEMENT_DIRECTIVES).filter((other) => other !== 'ignore'),
  ];
  const match = nearest(name, known);
  return fileError(source, {
    offset,
    problem: `this version of slipway does not know the directive "${name}"`,
    hint: match === undefined ? `it knows ${known.join(', ')}` : `did you mean "${match}"?`,
  });
}

/** The first word and what stands behind it, both trimmed. */
function firstWord(text: string): [word: string, rest: string] {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/);
  return end === -1 ? [trimmed, ''] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}

function isId(word: string): boolean {
  return ID.test(word) && !RESERVED.has(word);
}

function list(value: string, isGood: (word: string) => boolean): readonly string[] | undefined {
  const words = value.split(/[\s,]+/).filter((word) => word !== '');
  return words.every(isGood) && new Set(words).size === words.length ? words : undefined;
}

function filledList(value: string, isGood: (word: string) => boolean) {
  const words = list(value, isGood);
  return words?.length === 0 ? undefined : words;
}

function filled(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function timeout(value: string): number | undefined {
  const ms = parseDuration(value);
  return ms === undefined || ms > LONGEST_TIMEOUT_MS ? undefined : ms;
}

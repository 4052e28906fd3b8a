/** How the values of settings are read, and what is said of those that make no sense. */

import * as z from 'zod/mini';
import { parseBytes } from '../core/bytes.ts';
import { parseDuration } from '../core/duration.ts';
import {
  HAZARD_CLASSES,
  HAZARD_POLICIES,
  type HazardPolicies,
  readHazardPolicies,
} from '../core/hazards.ts';
import type { Secret } from '../core/secret.ts';
import { secret } from '../core/secret.ts';
import { RULE_LEVELS_USAGE, type RuleLevel, readRuleLevels } from './rule-levels.ts';

/** Any text but none. */
export const text = z.string().check(z.minLength(1, 'must not be empty'));

/** A secret. */
export const hidden = z.pipe(
  text,
  z.transform((value: string): Secret => secret(value)),
);

/** Milliseconds; `names` are words that stand for none. */
function durationOr(names: readonly string[], expected: string) {
  return z.pipe(
    z.string(),
    z.transform((value, context): number => {
      const ms = names.includes(value) ? 0 : parseDuration(value);
      if (ms !== undefined) return ms;
      context.issues.push({ code: 'custom', message: expected, input: value });
      return z.NEVER;
    }),
  );
}

/** Milliseconds. */
export const duration = durationOr([], 'must be a duration such as 500ms, 3s or 5m');

/** Milliseconds; 0 where it says `none`. */
export const durationOrNone = durationOr(['none'], 'must be none or a duration such as 30s or 10m');

/** Zero or more. */
export const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,6}$/, 'must be a whole number')),
  z.transform(Number),
);

/** One or more. */
export const positiveNumber = z.pipe(
  z.string().check(z.regex(/^0*[1-9]\d{0,5}$/, 'must be a whole number of 1 or more')),
  z.transform(Number),
);

/** `I/N`. */
export const shard = z
  .string()
  .check(z.refine(isShard, 'must be I/N such as 2/8, from 1/8 to 8/8'));

function isShard(value: string): boolean {
  const [, part = '', parts = ''] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
  return part !== '' && Number(part) <= Number(parts);
}

/** Words between commas or blanks. */
export const idList = z.pipe(
  z.string(),
  z.transform((value): readonly string[] => value.split(/[\s,]+/).filter((id) => id !== '')),
);

/** What is done about each class of hazards. */
export const hazardPolicies = z.pipe(
  z.string(),
  z.transform((value, context): HazardPolicies => {
    const read = readHazardPolicies(value);
    if (typeof read !== 'string') return read;
    const expected = `must be ${HAZARD_POLICIES.join(', ')}, or CLASS=POLICY with the classes ${HAZARD_CLASSES.join(', ')}`;
    context.issues.push({ code: 'custom', message: `${expected}: ${read}`, input: value });
    return z.NEVER;
  }),
);

/** Bytes, from a size such as `16MB`. */
export const byteSize = z.pipe(
  z.string(),
  z.transform((value, context): number => {
    const bytes = parseBytes(value);
    if (bytes !== undefined) return bytes;
    context.issues.push({
      code: 'custom',
      message: 'must be a size such as 512kB, 16MB or 1GB',
      input: value,
    });
    return z.NEVER;
  }),
);

/** Severities by rule. */
export const ruleLevels = z.pipe(
  z.string(),
  z.transform((value, context): readonly RuleLevel[] => {
    const levels = readRuleLevels(value);
    if (levels !== undefined) return levels;
    context.issues.push({ code: 'custom', message: RULE_LEVELS_USAGE, input: value });
    return z.NEVER;
  }),
);

/** A TCP port. */
export const port = z.pipe(
  z
    .string()
    .check(
      z.refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, 'must be a port'),
    ),
  z.transform(Number),
);

/** A major version of Postgres. */
export const major = z.pipe(
  z
    .string()
    .check(z.regex(/^(?:1[4-9]|[2-9]\d)$/, 'must be a major version of Postgres, 14 or newer')),
  z.transform(Number),
);

/** A regular expression. */
export const pattern = z
  .string()
  .check(z.minLength(1, 'must not be empty'), z.refine(isPattern, 'must be a regular expression'));

function isPattern(value: string): boolean {
  try {
    new RegExp(value, 'u');
    return true;
  } catch {
    return false;
  }
}

/** One of these words. */
export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be one of ${values.join(', ')}`) as unknown as z.ZodMiniType<
    T[number],
    string
  >; // an enum takes any string as input and says which it wanted
}

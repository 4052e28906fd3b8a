/**
 * The report of a fleet as a file: what ended how, written line by line, so that a run that was killed
 * leaves all that it had done, and another one can go on from there.
 */

import { closeSync, openSync, readFileSync } from 'node:fs';
import { ConfigError } from '../core/errors.ts';
import type { TargetResult } from '../core/fleet.ts';
import { writeWhole } from '../logging/json-line.ts';

/** What the results of a report are about; a target is done only for the same. */
export interface ReportSubject {
  readonly command: string;
  /** Digest of the release. */
  readonly release: string;
  /** The target within the graph, as typed. */
  readonly target: string;
  readonly phase: string;
}

/** A report that is being written. */
export interface ReportFile {
  add(result: TargetResult): void;
  close(): void;
}

/** Marks the first line of each run's part. */
const FORMAT = 1;

/**
 * Begins a report: at the end of the file where a run is resumed, else in place of what is there.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function openReport(
  path: string,
  subject: ReportSubject,
  { resume, startedAt }: { readonly resume: boolean; readonly startedAt: number },
): ReportFile {
  let fd: number;
  try {
    fd = openSync(path, resume ? 'a' : 'w', 0o644);
  } catch (error) {
    throw unusable(path, `cannot be written: ${codeOf(error)}`, error);
  }
  const write = (line: object): void => writeWhole(fd, `${JSON.stringify(line)}\n`);
  // A run that was killed while it wrote may have left half a line.
  if (resume) writeWhole(fd, '\n');
  write({ format: FORMAT, ...subject, startedAt: new Date(startedAt).toISOString() });
  return { add: write, close: () => closeSync(fd) };
}

/**
 * Names of targets that a report calls done for `subject`: those whose last result is no failure. None
 * where there is no such file yet.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function doneBefore(path: string, subject: ReportSubject): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return new Set();
    throw unusable(path, `cannot be read: ${codeOf(error)}`, error);
  }
  const done = new Set<string>();
  let isOurs: boolean | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const entry = entryOf(line);
    if (entry === undefined) continue;
    if (entry['format'] !== undefined) {
      isOurs = isAbout(entry, subject);
      continue;
    }
    const { target, outcome } = entry;
    if (isOurs === undefined || typeof target !== 'string') {
      throw unusable(path, `is no report of a fleet (line ${index + 1})`);
    }
    // Another release, or another target, may have changed it since.
    if (isOurs && outcome !== 'failed') done.add(target);
    else done.delete(target);
  }
  return done;
}

/** Undefined for an empty line, and for the half one of a run that was killed. */
function entryOf(line: string): { readonly [key: string]: unknown } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? { ...entry } : undefined;
  } catch {
    return undefined;
  }
}

function isAbout(entry: { readonly [key: string]: unknown }, subject: ReportSubject): boolean {
  return (
    entry['format'] === FORMAT &&
    Object.entries(subject).every(([key, value]) => entry[key] === value)
  );
}

function unusable(path: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError('SLIPWAY_CONFIG_INVALID', `${path} ${what}`, {
    hint: 'Name another file with --report or --resume.',
    cause,
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

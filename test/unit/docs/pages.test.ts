/** What the documentation promises, held against the code. */

import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { inertProgram } from '../../../scripts/reference/program.ts';
import { COMMANDS } from '../../../src/cli/command-list.ts';
import { SETTING_KEYS, SETTINGS } from '../../../src/config/settings.ts';
import { ERROR_CODES, EXIT } from '../../../src/core/errors.ts';
import { KEYWORDS } from '../../../src/postgres/conninfo-keywords.ts';
import {
  HEADER_KEYS,
  SECTIONS,
  STANDALONE_DIRECTIVES,
  STATEMENT_DIRECTIVES,
} from '../../../src/sql/directives.ts';
import {
  anchors,
  commandsInBlocks,
  commandsInText,
  internalLinks,
  PAGES,
  pageAt,
  section,
} from './pages.ts';

describe('the documentation', () => {
  it.each(PAGES)('$path links only to what is there', ({ path, text }) => {
    const broken = internalLinks(text).filter((link) => !resolves(path, link));
    expect(broken).toEqual([]);
  });

  it.each(PAGES)('$path shows only commands that the command line takes', ({ text }) => {
    const mentioned = commandsInText(text).filter((args) => !isCommandName(args));
    const refused = [...commandsInBlocks(text), ...mentioned].flatMap((args) => {
      const complaint = complaintAbout(args);
      return complaint === undefined ? [] : [`slipway ${args.join(' ')}: ${complaint}`];
    });
    expect(refused).toEqual([]);
  });

  it.each(PAGES)('$path names only variables and codes that exist', ({ text }) => {
    const known = new Set<string>([
      ...Object.keys(ERROR_CODES),
      ...SETTING_KEYS.flatMap((key) => [...SETTINGS[key].env]),
      ...OF_THE_TESTS,
      ...OF_BACKUP_COMMANDS,
    ]);
    const names = text.match(/\bSLIPWAY_[A-Z_]*[A-Z]\b/g) ?? [];
    expect(names.filter((name) => !known.has(name) && !MISTYPED.has(name))).toEqual([]);
  });

  it.each(PAGES)('$path calls the program by the name of its file', ({ text }) => {
    const names = text.match(/\bslipway\.[cm]?js\b/g) ?? [];
    expect(names.filter((name) => name !== basename(manifest.bin.slipway))).toEqual([]);
  });

  it('finds the commands it is to judge', () => {
    const commands = commandsInBlocks(pageAt('README.md').text).map(([name]) => name);
    expect(commands).toEqual(expect.arrayContaining(['upgrade', 'downgrade', 'revision']));
    expect(complaintAbout(['upgrade', '--lock-wiat', '5m'])).toContain('--lock-wait');
    expect(complaintAbout(['migrate'])).toBeDefined();
  });

  it('shows every exit code in the table of the README, and no other', () => {
    const rows = section(pageAt('README.md'), 'Exit codes').match(/^\| (\d+) /gm) ?? [];
    expect(rows.map((row) => Number(row.slice(2)))).toEqual(
      [...Object.values(EXIT)].sort((a, b) => a - b),
    );
  });

  it('explains every directive of a revision file, and no other', () => {
    const guide = pageAt('docs/guides/writing-revisions.md');
    const tables = ['Sections', 'Header', 'Above a statement', 'Instead of a statement'].map(
      (title) => section(guide, title),
    );
    const shown = new Set(
      [...tables.join('').matchAll(/^\| `([a-z-]+)(?: [^`]*)?`/gm)].map(([, name = '']) => name),
    );
    const known = [
      ...SECTIONS,
      ...Object.keys(HEADER_KEYS),
      ...Object.keys(STANDALONE_DIRECTIVES),
      ...Object.keys(STATEMENT_DIRECTIVES),
    ];
    expect([...shown].sort()).toEqual([...new Set(known)].sort());
  });

  it("explains every one of libpq's settings, and no other", () => {
    const { text } = pageAt('docs/reference/connection.md');
    const shown = [...text.matchAll(/^\| `(\w+)` +\|(?: `(\w+)`)? *\|/gm)].map(
      ([, keyword = '', variable]) => [keyword, variable],
    );
    expect(Object.fromEntries(shown)).toEqual(KEYWORDS);
  });

  it('has an example for every command that parses', () => {
    const examples = COMMANDS.flatMap((spec) => spec.examples.map(([line]) => line));
    const shown = commandsInBlocks(`\`\`\`sh\n${examples.join('\n')}\n\`\`\``);
    expect(shown.length).toBeGreaterThan(COMMANDS.length);
    expect(shown.filter((args) => complaintAbout(args) !== undefined)).toEqual([]);
  });
});

/** Variables of the test suite and its scripts, which are no settings. */
const OF_THE_TESTS = ['SLIPWAY_TEST_POSTGRES_BIN', 'SLIPWAY_TEST_PROGRAM', 'SLIPWAY_CI_CACHE'];
/** Variables that slipway gives to the command that reads a backup. */
const OF_BACKUP_COMMANDS = [
  'SLIPWAY_BACKUP_NAME',
  'SLIPWAY_BACKUP_DATABASE',
  'SLIPWAY_BACKUP_REVISIONS',
];
/** Shown as mistakes on purpose. */
const MISTYPED = new Set(['SLIPWAY_LOCK_WIAT', 'SLIPWAY_PORT']);

function resolves(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(path)) return false;
  if (anchor === undefined || statSync(path).isDirectory()) return true;
  return PAGES.some((page) => page.path === path && anchors(page.text).has(anchor));
}

/** `slipway stamp` names the command; `slipway run --` the beginning of one. */
function isCommandName([name, ...rest]: readonly string[]): boolean {
  const known = inertProgram().commands.some((command) => command.name() === name);
  return known && (rest.length === 0 || rest.join(' ') === '--');
}

/** What the command line says against `args`; undefined when it takes them. */
function complaintAbout(args: readonly string[]): string | undefined {
  try {
    inertProgram().parse([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 || args.length === 0 ? undefined : error.message;
  }
}

/** The generated pages are what the code says, in both directions. */

import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../../scripts/reference/events.ts';
import { referencePages } from '../../../scripts/write-reference.ts';
import { COMMANDS } from '../../../src/cli/command-list.ts';
import { SETTING_KEYS } from '../../../src/config/settings.ts';
import { ERROR_CODES, EXIT } from '../../../src/core/errors.ts';
import { headings, pageAt } from './pages.ts';

const pages = await referencePages();

describe('the reference', () => {
  it.each([...pages])('%s is what the code says (npm run reference)', (path, text) => {
    expect(pageAt(path).text).toBe(text);
  });

  it('has a section for every error code, and a code for every section', () => {
    const sections = headings(pageAt('docs/reference/errors.md').text, 3);
    const codes = sections.filter((title) => title.startsWith('SLIPWAY_'));
    expect(codes.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  it('has a section for every exit code of a failure', () => {
    const sections = headings(pageAt('docs/reference/errors.md').text, 2);
    const exits = sections.flatMap((title) => /^Exit (\d+):/.exec(title)?.[1] ?? []);
    const failures = Object.values(EXIT).filter((exit) => exit !== EXIT.ok);
    expect(exits.map(Number)).toEqual([...failures].sort((a, b) => a - b));
  });

  it('has a section for every command, and a command for every section', () => {
    const sections = headings(pageAt('docs/reference/cli.md').text, 2);
    expect(sections.filter((title) => title !== 'Shared flags')).toEqual(
      COMMANDS.map((spec) => spec.name),
    );
  });

  it('has a row for every setting', () => {
    const { text } = pageAt('docs/reference/config.md');
    const rows = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, key = '']) => key);
    expect(rows.toSorted()).toEqual([...SETTING_KEYS].toSorted());
  });

  it('describes each event by a sample of that event', () => {
    for (const [type, { sample }] of Object.entries(EVENTS)) expect(sample.type).toBe(type);
    const sections = headings(pageAt('docs/reference/events.md').text, 3);
    expect(sections).toEqual(Object.keys(EVENTS));
  });
});

/** Templates of new revisions: which one is taken, and what it becomes. */

import { describe, expect, it } from 'vitest';
import { BUILT_IN_TEMPLATES, MERGE_TEMPLATE } from '../../../src/authoring/built-in-templates.ts';
import type { Template } from '../../../src/authoring/ports.ts';
import { chooseTemplate, fillTemplate } from '../../../src/authoring/template.ts';
import { validateRelease } from '../../../src/authoring/validate-release.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';
import { releaseOf } from '../../support/graph.ts';
import { errorOf } from './support.ts';

const values = {
  id: 'new1',
  revises: ['a', 'b'],
  dependsOn: [],
  labels: [],
  phase: 'expand' as const,
  message: 'Add phone',
  now: Date.UTC(2026, 0, 2, 3, 4, 5),
};

const template = (text: string, more: Partial<Template> = {}): Template => ({
  name: 'mine',
  language: 'sql',
  file: 'migrations/templates/mine.sql',
  text,
  ...more,
});
const sections = '\n-- slipway:up\n-- slipway:down\n';

describe('the choice of a template', () => {
  const own = [template('x', { name: 'audit' }), template('y', { name: 'create-table' })];

  it('prefers the project’s own', () => {
    expect(chooseTemplate(own, 'create-table', 'sql').text).toBe('y');
    expect(chooseTemplate([], 'create-table', 'sql').text).toContain('create table');
  });

  it('goes by the language as well', () => {
    expect(chooseTemplate(own, 'default', 'typescript').text).toContain('defineRevision');
    const error = errorOf(() => chooseTemplate(own, 'audit', 'typescript'));
    expect(error).toMatchObject({ code: 'SLIPWAY_USAGE', hint: expect.stringContaining('--ts') });
  });

  it('offers the nearest and lists all where there is none of the name', () => {
    const { code, details, hint } = errorOf(() => chooseTemplate(own, 'creat-table', 'sql'));
    expect(code).toBe('SLIPWAY_USAGE');
    expect(hint).toContain('"create-table"');
    expect(details['templates']).toEqual(
      expect.arrayContaining(['audit', 'create-index', 'default', 'rename-column']),
    );
  });
});

describe('a template', () => {
  it('is filled in', () => {
    const text = template(
      `{{header}}\n-- slipway:up\n-- {{message}} / {{ slug }} / {{date}}\nselect '{{revision}} {{revises}}';\n-- slipway:down\n`,
    );
    expect(fillTemplate(text, values)).toBe(`-- slipway:revision new1
-- slipway:revises a b
-- slipway:phase expand
-- Add phone
-- slipway:up
-- Add phone / add_phone / 2026-01-02T03:04:05.000Z
select 'new1 a b';
-- slipway:down
`);
  });

  it('leaves other braces alone, and what a message says in braces', () => {
    const array = "select '{{1,2},{3,4}}'::int[];";
    const text = template(`{{header}}\n-- slipway:up\n${array}\n-- slipway:down\n`);
    const filled = fillTemplate(text, { ...values, message: 'use {{header}} and $& twice' });
    expect(filled).toContain(array);
    expect(filled).toContain('-- use {{header}} and $& twice\n');
  });

  it('indents the header where it stands', () => {
    const [, typescript] = BUILT_IN_TEMPLATES;
    if (typescript === undefined) throw new Error('the template is missing');
    const more = { dependsOn: ['c'], labels: ['x'], phase: 'contract' as const };
    expect(fillTemplate(typescript, { ...values, ...more, message: "Don't \\ stop" })).toBe(
      `import { defineRevision } from 'slipway';

export default defineRevision({
  revision: 'new1',
  revises: ['a', 'b'],
  dependsOn: ['c'],
  labels: ['x'],
  phase: 'contract',
  description: 'Don\\'t \\\\ stop',
  async up(db) {
  },
  async down(db) {
  },
});
`,
    );
    expect(fillTemplate(typescript, { ...values, revises: [] })).not.toContain('revises');
  });

  it.each([
    ['an unknown placeholder', `{{header}}\n\n-- by {{auther}}${sections}`, ':3:7: '],
    ['no header', `-- slipway:revision {{revision}}${sections}`, ':1:1: '],
    ['a section too few', '{{header}}\n-- slipway:up\n', ' does not make a revision file: '],
    ['an id of its own', `-- slipway:revision x\n{{header}}${sections}`, ' does not make '],
    ['SQL in the header', `{{header}}\nselect 1;${sections}`, ' does not make '],
  ])('is refused for %s', (_, text, place) => {
    const { code, message } = errorOf(() => fillTemplate(template(text), values));
    expect(code).toBe('SLIPWAY_TEMPLATE_INVALID');
    expect(message).toContain(`migrations/templates/mine.sql${place}`);
  });

  it('is refused where the header is only quoted in it', () => {
    const text = template(
      `-- slipway:revision x\n-- slipway:up\nselect $$\n{{header}}\n$$;\n-- slipway:down\n`,
    );
    expect(errorOf(() => fillTemplate(text, values)).code).toBe('SLIPWAY_TEMPLATE_INVALID');
  });
});

describe('slipway’s own templates', () => {
  it.each([...BUILT_IN_TEMPLATES, MERGE_TEMPLATE].filter((each) => each.language === 'sql'))(
    '$name makes a revision that passes every check',
    async (each) => {
      const text = fillTemplate(each, { ...values, revises: [] });
      const revision = parseRevisionFile(text, 'migrations/x.sql');
      expect(revision).toMatchObject({ id: 'new1', description: 'Add phone' });
      await expect(validateRelease(releaseOf(revision))).resolves.toBeUndefined();
    },
  );

  it('build an index outside a transaction, and a constraint in two steps', async () => {
    const made = (name: string) =>
      parseRevisionFile(fillTemplate(chooseTemplate([], name, 'sql'), values), 'x.sql');
    expect(made('create-index').transaction).toBe('none');
    const constraint = made('add-constraint');
    const release = releaseOf({ ...constraint, revises: [] });
    const { statements } = await release.script(constraint, 'up');
    expect(statements.map(({ text }) => /not valid|validate/.exec(text)?.[0])).toEqual([
      'not valid',
      'validate',
    ]);
    expect(statements.every(({ idempotent }) => idempotent)).toBe(true);
    expect(made('add-enum-value').irreversible).toBeDefined();
  });
});

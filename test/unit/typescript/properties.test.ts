/** Where a definition's properties are found in a source. */

import { describe, expect, it } from 'vitest';
import { layOutDefinition } from '../../../src/typescript/properties.ts';

/** The properties as they are written. */
function written(source: string): readonly (readonly [string, string])[] {
  const { properties } = layOutDefinition(source);
  return properties.map(({ name, start, end }) => [name, source.slice(start, end)]);
}

const names = (source: string) => written(source).map(([name]) => name);

describe('the layout of a definition', () => {
  it('has each property from its name to its comma', () => {
    const source = "export default defineRevision({\n  revision: 'a', up: async () => {},\n});";
    expect(written(source)).toEqual([
      ['revision', "revision: 'a',"],
      ['up', 'up: async () => {},'],
    ]);
  });

  it('begins at the object, wherever that is written', () => {
    const call = "import { defineRevision } from 'slipway';\nexport default defineRevision({});";
    expect(layOutDefinition(call).start).toBe(call.indexOf('{}'));
    const bare = 'export default { up: 1 };';
    expect(layOutDefinition(bare).start).toBe(bare.indexOf('{'));
    const named = 'const r = make();\nexport default r;';
    expect(layOutDefinition(named).start).toBe(named.indexOf('export'));
    expect(layOutDefinition('').start).toBe(0);
  });

  it.each([
    ['comments', '/* { a: 1 */ // b: "\n revision: 1, /* up: 2, */ down: 3'],
    ['quoted names', '\'revision\': 1, "down": 2'],
    ['methods', 'async revision(db) { return { up: 1 }; }, down() {}'],
    ['nested objects and calls', 'revision: { up: [1, { up: 2 }] }, down: f(1, { up: 2 })'],
    ['strings that look like code', "revision: \"}, up: 1\", down: '\\', up: 2'"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is in the source to be read.
    ['templates', 'revision: `}, up: ${f({ up: `${"}"}` })} }`, down: 2'],
    ['regular expressions', 'revision: /[}/"]},up:/, down: 4 / 2 / 1'],
    ['names like keywords', 'revision: a.defineRevision, down: typeof /x/'],
  ])('is not misled by %s', (_, content) => {
    expect(names(`export default { ${content} };`)).toEqual(['revision', 'down']);
  });

  it.each([
    ['nothing behind a string', "export default { revision: 'a"],
    ['an open template', 'export default { revision: `a${ {'],
    ['an open comment', 'export default { revision: 1 /* '],
    ['an open object', 'export default { revision: { '],
  ])('survives a source that ends early: %s', (_, source) => {
    expect(() => layOutDefinition(source)).not.toThrow();
  });
});

/** Definitions in sources of any shape. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutDefinition } from '../../src/typescript/properties.ts';

/** What misleads: things with brackets, commas, colons and quotes inside. */
const value = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.string().map((text) => `'${text.replace(/[\\'\n\r]/g, '\\$&')}'`),
  fc.constantFrom(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is in the source to be read.
    'async (db) => { await db.query(`select ${name({ up: 1 })}, 1`); }',
    '/[}/"]},up:/g',
    '4 / 2 / 1',
    '{ rule: "a", reason: \'b, c\' }',
    '[1, [2, { up: 3 }]]',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is in the source to be read.
    '`${`}`}`',
    'f<A>(1, 2) as const',
    '1 /* } , up: " */',
    '1 // } , up: "\n',
    'typeof /,/',
  ),
);
const name = fc.constantFrom('revision', 'revises', 'phase', 'up', 'verify', 'down', 'labels');
const fragment = fc.oneof(
  fc.constantFrom(
    'export default {',
    'defineRevision({',
    '}',
    '`',
    '${',
    '"',
    "'",
    '/',
    '/*',
    '*/',
    '//',
    '\\',
    '\n',
    ',',
    ':',
    '[',
    'up: 1',
  ),
  fc.string(),
);

describe('the layout of a definition', () => {
  it('has exactly the properties that were written, each as it was written', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }),
        (written) => {
          const source = `import 'x';\nexport default defineRevision({ ${written
            .map(([key, text]) => `${key}: ${text}, `)
            .join('')}});\n`;
          const { properties } = layOutDefinition(source);
          expect(properties.map(({ start, end }) => source.slice(start, end))).toEqual(
            written.map(([key, text]) => `${key}: ${text},`),
          );
        },
      ),
    );
  });

  it('is found in any text, with properties in order and inside of it', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (fragments) => {
        const source = fragments.join('');
        const { start, properties } = layOutDefinition(source);
        const offsets = [start, ...properties.flatMap((each) => [each.start, each.end])];
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(offsets.at(-1)).toBeLessThanOrEqual(source.length);
      }),
    );
  });
});

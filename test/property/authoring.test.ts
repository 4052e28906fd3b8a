/** Whatever people call a revision, its file is named well and says what was asked for. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRevision } from '../../src/authoring/merge.ts';
import { newRevision } from '../../src/authoring/new-revision.ts';
import { slugOf } from '../../src/authoring/slug.ts';
import { chooseTemplate } from '../../src/authoring/template.ts';
import { parseRevisionFile } from '../../src/sql/revision-file.ts';
import { graph } from '../support/graph.ts';

const message = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 50 }).filter((text) => text.isWellFormed()),
  fc
    .array(fc.constantFrom('--', 'slipway:', 'up', '{{header}}', "'", '$$', '/*', '\n', 'a'))
    .map((words) => words.join(' ')),
);

describe('a slug of any text', () => {
  it('is a good file name, the same on every file system', () => {
    fc.assert(
      fc.property(message, (text) => {
        const slug = slugOf(text);
        expect(slug).toMatch(/^[\p{Letter}\p{Number}][\p{Letter}\p{Number}\p{Mark}_]*$/u);
        expect(slug).toBe(slug.normalize('NFC'));
        expect(Buffer.byteLength(`20260102030405_${slug}.sql`)).toBeLessThanOrEqual(255);
      }),
    );
  });

  it('is the same for text that looks the same', () => {
    fc.assert(
      fc.property(message, (text) => {
        expect(slugOf(text.normalize('NFD'))).toBe(slugOf(text.normalize('NFC')));
      }),
    );
  });
});

describe('a new revision of any message', () => {
  const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
  const about = {
    id: 'new1',
    labels: ['shop'],
    now: Date.UTC(2026, 0, 2),
  };

  it('is read back as what was asked for', () => {
    fc.assert(
      fc.property(
        message.filter((text) => words(text) !== '' && !text.includes('\0')),
        fc.constantFrom('default', 'create-index', 'add-enum-value', 'rename-column'),
        (text, template) => {
          const made = newRevision(graph('a', 'b<-a', 'c'), {
            ...about,
            message: text,
            heads: ['b'],
            dependsOn: ['c'],
            base: false,
            splice: false,
            phase: 'contract',
            template: chooseTemplate([], template, 'sql'),
          });
          const read = parseRevisionFile(made.content, made.fileName);
          expect(read).toMatchObject({
            id: 'new1',
            revises: ['b'],
            dependsOn: ['c'],
            labels: ['shop'],
            phase: 'contract',
          });
          expect(read.description).not.toBe('');
        },
      ),
    );
  });

  it('may be a merge', () => {
    fc.assert(
      fc.property(
        message.filter((text) => words(text) !== '' && !text.includes('\0')),
        (text) => {
          const made = mergeRevision(graph('a', 'b'), { ...about, targets: [], message: text });
          expect(parseRevisionFile(made.content, made.fileName).revises).toEqual(['a', 'b']);
        },
      ),
    );
  });
});

/** What `history --graph` draws, readable as files: in box characters, in ASCII, and with all facts. */

import { join } from 'node:path';
import { describe, it } from 'vitest';
import { succeed } from '../../support/cli.ts';
import { createProject, type RevisionSpec } from '../../support/projects.ts';

/** Revisions from `id<-parent,parent key:value …`, oldest first. */
const SHAPES: { readonly [name: string]: string } = {
  'branch-and-merge':
    'root<-; users<-root label:people; more<-users; bill<-root label:billing; join<-more,bill',
  'several-bases': 'shop<-; cart<-shop; audit<- label:audit; trail<-audit depends:cart; geo<-',
  'three-way-merge': 'a<-; b<-a; c<-a; d<-a; e<-b,c,d; f<-e',
  'criss-cross': 'a<-; b<-a; c<-a; d<-b,c; e<-b,c; f<-d,e',
  'bases-merged': 'a<-; b<-; c<-; d<-a,b,c; e<-d; f<-d',
  'merge-of-merges': 'a<-; b<-a; c<-a; d<-b,c; e<-a; f<-e; g<-f,d; h<-c; i<-h,g',
};

describe('a drawn history', { concurrent: true }, () => {
  it.for(Object.entries(SHAPES))('of %s', async ([name, shape], { expect }) => {
    await using project = await createProject(shape.split('; ').map(specOf));
    const draw = async (locale: string, ...more: readonly string[]) => {
      const options = { cwd: project.root, env: { LC_ALL: locale } };
      return (await succeed(['history', '--graph', ...more], options)).stdout;
    };
    const [boxes, ascii, verbose] = await Promise.all([
      draw('C.UTF-8'),
      draw('C'),
      draw('C.UTF-8', '--verbose'),
    ]);
    const text = [boxes, ascii, verbose].join('\n');
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `${name}.txt`));
  });
});

function specOf(drawing: string): RevisionSpec {
  const [node = '', ...words] = drawing.split(' ');
  const [id = '', parents = ''] = node.split('<-');
  const header = words.map((word) =>
    word.replace('depends:', 'depends-on ').replace('label:', 'label '),
  );
  return { id, revises: parents.split(',').filter(Boolean), header, up: 'select 1;' };
}

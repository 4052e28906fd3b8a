import { describe, expect, it } from 'vitest';
import {
  type Alphabet,
  ASCII,
  alphabetOf,
  BOXES,
  drawGraph,
} from '../../../src/cli/graph-drawing.ts';

/** The drawing of `id<-parent,parent` words, oldest first; `~id` is hollow. */
function draw(words: string, alphabet: Alphabet = BOXES): readonly string[] {
  const rows = words
    .split(' ')
    .map((word) => {
      const [id = '', parents = ''] = word.replace('~', '').split('<-');
      return { id, revises: parents.split(',').filter(Boolean), hollow: word.startsWith('~') };
    })
    .reverse();
  const drawing = drawGraph(rows, { alphabet, maxLanes: 100 }) ?? [];
  return drawing.flatMap(({ node, links }, index) => [`${node} ${rows[index]?.id}`, ...links]);
}

describe('a drawing', () => {
  it('is a single lane for a line', () => {
    expect(draw('a b<-a c<-b')).toEqual(['● c', '● b', '● a']);
  });

  it('shows what is pending as hollow', () => {
    expect(draw('a ~b<-a')).toEqual(['○ b', '● a']);
    expect(draw('a ~b<-a', ASCII)).toEqual(['o b', '* a']);
  });

  it('joins the ways of a branch above the revision that they begin at', () => {
    expect(draw('a b<-a c<-a')).toEqual(['● c', '│ ● b', '├─╯', '● a']);
  });

  it('opens a lane for each revision that a merge joins', () => {
    expect(draw('a b<-a c<-a d<-a e<-b,c,d')).toEqual([
      '● e',
      '├─┬─╮',
      '│ │ ● d',
      '│ ● │ c',
      '│ ├─╯',
      '● │ b',
      '├─╯',
      '● a',
    ]);
  });

  it('keeps histories apart that have nothing to do with each other', () => {
    expect(draw('a b<-a x y<-x')).toEqual(['● y', '● x', '', '● b', '● a']);
  });

  it('fills the place of a lane that ended, and passes behind lanes it does not touch', () => {
    expect(draw('a c y z<-a x p<-x,y q<-c r<-z')).toEqual([
      '● r',
      '│ ● q',
      '│ │ ● p',
      '│ │ ├─╮',
      '│ │ ● │ x',
      '│ │ ╭─╯',
      '● │ │ z',
      '│ │ ● y',
      '│ ● c',
      '● a',
    ]);
    expect(draw('d c b a p<-a,d q<-c,b')).toEqual([
      '● q',
      '├─╮',
      '│ │ ● p',
      '│ │ ├─╮',
      '│ │ ● │ a',
      '│ │ ╭─╯',
      '│ ● │ b',
      '│ ╭─╯',
      '● │ c',
      '╭─╯',
      '● d',
    ]);
  });

  it('leaves out what is not listed, and a revision named twice', () => {
    expect(draw('b<-a c<-b,b')).toEqual(['● c', '● b']);
  });

  it('is the same in ASCII', () => {
    expect(draw('a b<-a c<-a d<-a e<-b,c,d', ASCII)).toEqual([
      '* e',
      '|-.-\\',
      '| | * d',
      '| * | c',
      '| |-/',
      '* | b',
      '|-/',
      '* a',
    ]);
  });

  it('ends where it would be wider than it may be', () => {
    const star = ['a', 'b', 'c', 'd'].map((id) => ({ id, revises: [`${id}0`], hollow: false }));
    const bases = star.map(({ id }) => ({ id: `${id}0`, revises: [], hollow: false }));
    const rows = [...star, ...bases];
    expect(drawGraph(rows, { alphabet: BOXES, maxLanes: 3 })).toBeUndefined();
    expect(drawGraph(rows, { alphabet: BOXES, maxLanes: 4 })).toHaveLength(8);
  });
});

describe('the alphabet', () => {
  it.each([
    [{ LANG: 'en_GB.UTF-8' }, BOXES],
    [{ LC_CTYPE: 'C.utf8', LANG: 'C' }, BOXES],
    [{ LC_ALL: '', LANG: 'ko_KR.UTF-8' }, BOXES],
    [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, ASCII],
    [{ LANG: 'de_DE.ISO-8859-1' }, ASCII],
    [{ LANG: 'en_GB.UTF-8', TERM: 'linux' }, ASCII],
    [{ LANG: 'en_GB.UTF-8', TERM: 'dumb' }, ASCII],
    [{}, ASCII],
  ])('follows the locale and the terminal: %j', (env, alphabet) => {
    expect(alphabetOf(env)).toBe(alphabet);
  });
});

/** The histories on which slipway is held against Alembic: drawn ones, and random ones from a seed. */

import { hash } from 'node:crypto';
import { randomDrawings } from './random-drawings.ts';

/** A revision of such a history. */
export interface ParityNode {
  readonly id: string;
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
}

/** A named history; the nodes stand in the order of their files' names. */
export interface ParityGraph {
  readonly name: string;
  readonly nodes: readonly ParityNode[];
}

/** `c<-a,b depends:x label:web`, as in `test/support/graph.ts`; `id:` fixes the beginning of the id. */
const DRAWINGS: Readonly<Record<string, string>> = {
  'one revision': 'a',
  'a line of three': 'a · b<-a · c<-b',
  'a line of twelve':
    'a · b<-a · c<-b · d<-c · e<-d · f<-e · g<-f · h<-g · i<-h · j<-i · k<-j · l<-k',
  'a line whose files are out of order': 'd<-c · b<-a · e<-d · a · c<-b',
  'a labelled line': 'a label:core · b<-a · c<-b · d<-c',
  'a label in the middle of a line': 'a · b<-a · c<-b label:late · d<-c',
  'two labels on one revision': 'a · b<-a label:web,site · c<-b · d<-a · e<-d',
  'a label like the beginning of an id': 'a · b<-a label:cafe · c<-b id:cafe · d<-a · e<-d',
  'two heads': 'a · b<-a · c<-a',
  'two branches of different lengths': 'a · b<-a · c<-b · d<-c · e<-a',
  'three branches': 'a · b<-a · c<-b · d<-b · e<-b · f<-e',
  'two labelled branches': 'a · b<-a label:web · c<-b · d<-a label:jobs · e<-d',
  'one labelled branch of two': 'a · b<-a · c<-b · d<-a label:jobs · e<-d · f<-e',
  'a branch of a labelled branch': 'a label:core · b<-a label:web · c<-b · d<-b label:admin · e<-d',
  'two bases': 'a · b<-a · c<-b · x · y<-x',
  'two labelled bases': 'a label:shop · b<-a · c<-b · x label:billing · y<-x · z<-y',
  'three bases of which one is labelled': 'a · b<-a · x label:billing · y<-x · p · q<-p · r<-q',
  'a labelled base that branches': 'a label:shop · b<-a · c<-a · x label:billing · y<-x',
  'a diamond': 'a · b<-a · c<-a · d<-b,c · e<-d',
  'a diamond that ends in its merge': 'a · b<-a · c<-a · d<-b,c',
  'nested diamonds': 'a · b<-a · c<-b · d<-b · e<-c,d · f<-a · g<-e,f · h<-g',
  'diamonds in a row': 'a · b<-a · c<-a · d<-b,c · e<-d · f<-d · g<-e,f',
  'a lopsided diamond': 'a · b<-a · c<-b · d<-c · e<-a · f<-d,e · g<-f',
  'a criss-cross': 'a · b<-a · c<-a · d<-b,c · e<-b,c',
  'a criss-cross that is merged': 'a · b<-a · c<-a · d<-b,c · e<-b,c · f<-d,e · g<-f',
  'a merge of three': 'a · b<-a · c<-a · d<-a · e<-b,c,d · f<-e',
  'a merge that branches again': 'a · b<-a · c<-a · d<-b,c · e<-d · f<-d · g<-f',
  'a merge of two bases': 'a · b<-a · x · y<-x · m<-b,y · n<-m',
  'a merge of labelled bases': 'a label:shop · b<-a · x label:billing · y<-x · m<-b,y · n<-m',
  'a labelled branch that is merged': 'a · b<-a label:web · c<-b · d<-a · e<-c,d · f<-e',
  'two labelled branches that are merged':
    'a · b<-a label:web · c<-b · d<-a label:jobs · e<-d · f<-c,e · g<-f',
  'a merge beside an open branch': 'a · b<-a · c<-a · d<-b,c · e<-a · f<-e',
  'a branch that depends on its sibling': 'a · b<-a · c<-b · d<-a depends:b · e<-d',
  'a branch that depends on the head of its sibling': 'a · b<-a · c<-b · d<-a depends:c · e<-d',
  'a dependency that is an ancestor': 'a · b<-a · c<-b depends:a · d<-c',
  'a dependency across bases': 'a · b<-a · x · y<-x depends:b · z<-y',
  'a dependency on an inner revision': 'a · b<-a · c<-b · x depends:b · y<-x',
  'labelled bases, one of which depends on the other':
    'a label:shop · b<-a · c<-b · x label:billing depends:b · y<-x',
  'a chain of dependencies over three bases':
    'a · b<-a · x depends:a · y<-x · p depends:x · q<-p depends:y',
  'bases that depend on each other by turns':
    'a label:shop · b<-a · c<-b depends:y · x label:billing · y<-x depends:a · z<-y depends:b',
  'two that depend on the same': 'a · b<-a · x depends:b · y<-x · p depends:b · q<-p',
  'a merge that also depends': 'a · b<-a · c<-a · x · y<-x · m<-b,c depends:x · n<-m',
  'a dependency repeated further up': 'a · b<-a · x · y<-x depends:a · z<-y depends:a,b',
  'a long line that takes in a long branch':
    'a · b<-a · c<-b · d<-c · e<-d · f<-e · g<-f · h<-g · p<-c label:web · q<-p · r<-q · m<-h,r · n<-m',
};

/** Seed of the random histories: changing it means recording Alembic's answers anew. */
const SEED = 20_260_102;
const RANDOM_GRAPHS = 18;

/** All histories: the drawn ones first. */
export const GRAPHS: readonly ParityGraph[] = [
  ...Object.entries(DRAWINGS).map(([name, drawing]) => parityGraph(name, drawing.split(' · '))),
  ...randomDrawings(SEED, RANDOM_GRAPHS).map((drawing, index) =>
    parityGraph(`random ${index + 1}`, drawing),
  ),
];

/** The history that `drawing` shows, a line each, ids made from name and letter. */
function parityGraph(name: string, drawing: readonly string[]): ParityGraph {
  const lines = drawing.map((line) => {
    const [node = '', ...words] = line.trim().split(/\s+/);
    const [letter = '', parents] = node.split('<-');
    const values = (key: string): readonly string[] =>
      words.flatMap((word) => (word.startsWith(`${key}:`) ? list(word.slice(key.length + 1)) : []));
    return { letter, parents: list(parents), values };
  });
  const ids = new Map<string, string>();
  for (const [index, { letter, values }] of lines.entries()) {
    const own = hash('sha256', `${name} ${letter}`);
    // The third shares the beginning of the second, so that a prefix can be ambiguous.
    const begin =
      values('id')[0] ?? (index === 2 ? ids.get(lines[1]?.letter ?? '')?.slice(0, 6) : '');
    ids.set(letter, `${begin}${own}`.slice(0, 12));
  }
  const idOf = (letter: string): string => ids.get(letter) ?? letter;
  return {
    name,
    nodes: lines.map(({ letter, parents, values }) => ({
      id: idOf(letter),
      revises: parents.map(idOf),
      dependsOn: values('depends').map(idOf),
      labels: values('label'),
    })),
  };
}

function list(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}

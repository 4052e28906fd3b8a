/** What both are asked on each history: from which states, in which direction, to which targets. */

import type { ParityGraph, ParityNode } from './graphs.ts';

/** What is asked: both directions, and two questions whose targets have a meaning of their own. */
export type ParityDirection = 'upgrade' | 'downgrade' | 'stamp' | 'history';

/** A database in some state, and the targets that a command is given there, each on its own. */
export interface ParityBatch {
  readonly direction: ParityDirection;
  /** Revisions that were upgraded to one after the other, from nothing. */
  readonly state: readonly string[];
  readonly targets: readonly string[];
}

/** An id of which no history has even the beginning. */
const NOBODY = '0123feedface';
const SYMBOLS = ['head', 'heads', 'base', 'current'];
const RELATIVE = ['+1', '+2', '+99', '-1', '-2', '-99'];
const FROM_SYMBOLS = ['head-99', 'head+1', 'heads-1', 'base+2', 'base-1', '+0', '-0'];
const ON_BRANCH = [
  ...['head', 'heads', 'base', 'current'],
  ...['-1', '-2', '+1', '+2', '+99', 'head-1', 'base+1', 'current-1'],
];
const GARBAGE = ['', '@head', 'head@', 'HEAD', 'a b', '+1x', '+-1', 'head@head', `${NOBODY}@head`];

/** Everything that is asked on one history. What is refused anywhere is asked in one state only. */
export function batchesOf(graph: ParityGraph): readonly ParityBatch[] {
  const { empty, middles, full } = statesOf(graph);
  const targets = targetsOf(graph);
  const nonsense = nonsenseOf(graph);
  const stamps = stampTargetsOf(graph);
  const each = (
    direction: ParityDirection,
    states: readonly (readonly string[])[],
    texts: readonly string[],
  ): ParityBatch[] => unique(states).map((state) => ({ direction, state, targets: texts }));
  return [
    ...each('upgrade', [empty], unique([...targets, ...nonsense])),
    ...each('upgrade', middles, targets),
    ...each('downgrade', [full], unique([...targets, ...nonsense])),
    ...each('downgrade', middles, targets),
    ...each('stamp', [empty, full], stamps),
    ...each('stamp', middles.slice(-1), stamps),
    ...each('history', [middles.at(-1) ?? full], rangesOf(graph)),
  ];
}

/** What is applied after the upgrades that lead to `state`: these revisions and all they need. */
export function closureOf(graph: ParityGraph, state: Iterable<string>): ReadonlySet<string> {
  const closure = new Set<string>();
  const add = (id: string): void => {
    if (closure.has(id)) return;
    closure.add(id);
    for (const need of needsOf(graph, id)) add(need);
  };
  for (const id of state) add(id);
  return closure;
}

/** What a revision needs directly. */
export function needsOf(graph: ParityGraph, id: string): readonly string[] {
  const node = graph.nodes.find((each) => each.id === id);
  return node === undefined ? [] : [...node.revises, ...node.dependsOn];
}

/** The revisions that no other revises. */
export function headsOf(graph: ParityGraph): readonly string[] {
  const revised = new Set(graph.nodes.flatMap((node) => node.revises));
  return graph.nodes.map((node) => node.id).filter((id) => !revised.has(id));
}

function statesOf(graph: ParityGraph): {
  readonly empty: readonly string[];
  readonly middles: readonly (readonly string[])[];
  readonly full: readonly string[];
} {
  const order = orderOf(graph);
  const heads = headsOf(graph);
  const middle = order[Math.floor((order.length - 1) / 2)];
  const [head] = heads;
  const pair = unrelatedPair(graph, order);
  const toList = <T>(item: T | undefined): T[] => (item === undefined ? [] : [item]);
  return {
    empty: [],
    middles: [
      ...(head === undefined || heads.length === 1 ? toList(middle).map((id) => [id]) : [[head]]),
      ...toList(pair),
    ],
    full: heads,
  };
}

/** Two revisions near the end that do not need each other: a state with several current heads. */
function unrelatedPair(
  graph: ParityGraph,
  order: readonly string[],
): readonly string[] | undefined {
  for (const [at, first] of order.entries()) {
    const second = order.slice(at + 1).find((id) => !closureOf(graph, [id]).has(first));
    if (second !== undefined && !closureOf(graph, [first]).has(second)) return [first, second];
  }
  return undefined;
}

function targetsOf(graph: ParityGraph): readonly string[] {
  const { some, prefixes, labels } = ingredients(graph);
  const [one = NOBODY] = some;
  return unique([
    ...SYMBOLS,
    ...RELATIVE,
    'head-1',
    'base+1',
    'current-1',
    ...some,
    ...prefixes,
    ...some.slice(0, 2).flatMap((id) => [`${id}+1`, `${id}-1`]),
    ...['@head', '@base', '@+1', '@-1'].map((end) => `${one}${end}`),
    ...labels.flatMap((label) => ofLabel(graph, label, some)),
  ]);
}

/** Targets whose answer hardly depends on what is applied: mostly refusals. */
function nonsenseOf(graph: ParityGraph): readonly string[] {
  const [one = NOBODY] = ingredients(graph).some;
  return [
    ...FROM_SYMBOLS,
    'current+1',
    `${one}+9`,
    `${one}-9`,
    `${one.slice(0, 8)}+1`,
    `${one}@heads`,
    ...GARBAGE,
    `${NOBODY}+1`,
    `${NOBODY}@-1`,
    `${NOBODY}@${one}`,
    `base:${one}`,
    NOBODY,
  ];
}

/** Several revisions for one `stamp` stand with a space between them. */
function stampTargetsOf(graph: ParityGraph): readonly string[] {
  const { some, prefixes, labels } = ingredients(graph);
  const [one = NOBODY, base = NOBODY] = some;
  const pair = unrelatedPair(graph, orderOf(graph));
  const several = [headsOf(graph), [one, base], ...(pair === undefined ? [] : [pair])];
  return unique([
    'head',
    'heads',
    'base',
    ...some,
    ...prefixes,
    `${one}@head`,
    `${one}@base`,
    `${one}+1`,
    '+1',
    '-1',
    'head-1',
    ...labels.flatMap((label) => [
      label,
      ...['@head', '@heads', '@base', '@-1', '@+1'].map((end) => `${label}${end}`),
      ...some.slice(0, 3).map((id) => `${label}@${id}`),
    ]),
    ...several.filter((ids) => ids.length > 1).map((ids) => ids.join(' ')),
    '',
    `${NOBODY}@head`,
    NOBODY,
  ]);
}

/** Ranges as `history -r` takes them. */
function rangesOf(graph: ParityGraph): readonly string[] {
  const { some, labels } = ingredients(graph);
  const [middle = NOBODY, first = NOBODY, last = NOBODY, other = NOBODY] = some;
  return unique([
    ':',
    ...[middle, first, 'head', 'heads', 'base', 'current', '-2', '+1'].map((end) => `:${end}`),
    ...[middle, first, last, 'head', 'base', 'current', '-2'].map((end) => `${end}:`),
    ...[first, middle, last, other].map((end) => `${end}:${last}`),
    `${first}:${middle}`,
    `${last}:${first}`,
    `${other}:${middle}`,
    `${first}:+2`,
    `-2:${last}`,
    `-99:${middle}`,
    `${middle}:${middle}+1`,
    '-3:current',
    'current:+2',
    'current:head',
    'current:heads',
    'base:current',
    ...labels.flatMap((label) => [
      `:${label}@head`,
      `${label}@base:`,
      `${label}:${label}@heads`,
      `${first}:${label}@head`,
      `-1:${label}@head`,
    ]),
    `${NOBODY}:head`,
    `a:${NOBODY}`,
    `${first}:${middle}:${last}`,
    middle,
  ]);
}

/** A few revisions of different places, beginnings of ids, and labels. */
function ingredients(graph: ParityGraph): {
  readonly some: readonly string[];
  readonly prefixes: readonly string[];
  readonly labels: readonly string[];
} {
  const order = orderOf(graph);
  const ids = order.map((id) => id);
  const places = [Math.floor(ids.length / 2), 0, ids.length - 1, Math.floor(ids.length / 3)];
  const at = places.flatMap((place) => ids[place] ?? []);
  const startsTwice = (text: string): boolean => ids.filter((id) => id.startsWith(text)).length > 1;
  const twin = ids.find((id) => startsTwice(id.slice(0, 6)));
  return {
    some: unique([...at, ...headsOf(graph).slice(0, 3)]),
    prefixes: [
      ...at.slice(0, 2).map((id) => id.slice(0, 9)),
      ...at.slice(2, 3).map((id) => id.slice(0, 4)),
      ...at.slice(3, 4).map((id) => id.slice(0, 3)),
      ...(twin === undefined ? [] : [twin.slice(0, 6)]),
    ],
    labels: graph.nodes.flatMap((node) => node.labels).slice(0, 2),
  };
}

function ofLabel(graph: ParityGraph, label: string, some: readonly string[]): readonly string[] {
  const carrier = graph.nodes.find((node) => node.labels.includes(label));
  const followers = graph.nodes.filter((node) => node.revises.includes(carrier?.id ?? ''));
  const below = carrier?.revises[0];
  return [
    label,
    label.slice(0, 3),
    `${label}+1`,
    `${label}-1`,
    ...ON_BRANCH.map((end) => `${label}@${end}`),
    ...[...some.slice(0, 3), carrier?.id, followers[0]?.id, below].flatMap((id) =>
      id === undefined ? [] : [`${label}@${id}`],
    ),
    ...(followers[0] === undefined ? [] : [`${label}@${followers[0].id}-1`]),
    ...(below === undefined ? [] : [`${label}@${below}+1`]),
  ];
}

/** What is needed first; ties in the order of the files. */
function orderOf(graph: ParityGraph): readonly string[] {
  const order: string[] = [];
  const isReady = (node: ParityNode): boolean =>
    !order.includes(node.id) && needsOf(graph, node.id).every((id) => order.includes(id));
  for (let next = graph.nodes.find(isReady); next !== undefined; next = graph.nodes.find(isReady)) {
    order.push(next.id);
  }
  return order;
}

function unique<T extends string | readonly string[]>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [String(item), item])).values()];
}

/** What a migrator answers to a case, and the recording that keeps Alembic's answers. */

import { closureOf, type ParityBatch, type ParityDirection } from './cases.ts';
import type { ParityGraph } from './graphs.ts';

/** What came of one command. */
export type Answer =
  | {
      readonly verdict: 'works';
      /** Revisions that were run, in order; none for `stamp`. */
      readonly ran: readonly string[];
      /** What is applied afterwards, sorted. */
      readonly applied: readonly string[];
      readonly warnings: readonly string[];
    }
  | {
      readonly verdict: 'refused';
      /** `crash`: with a traceback instead of a message. */
      readonly kind: 'error' | 'crash';
      readonly reason: string;
    };

/** A case with Alembic's answer. */
export interface AnsweredCase {
  readonly direction: ParityDirection;
  readonly state: readonly string[];
  readonly target: string;
  readonly answer: Answer;
}

/** What `alembic_answers.py` says about a case. */
export type RawAnswer =
  | {
      readonly verdict: 'works';
      readonly ran?: readonly string[];
      readonly rows: readonly string[];
      readonly warnings?: readonly string[];
    }
  | { readonly verdict: 'refused'; readonly kind: 'error' | 'crash'; readonly reason: string };

/** The answers on one graph: a line of the recording. */
interface RecordedGraph {
  readonly graph: string;
  /** The history as it was then; numbers elsewhere are places in it. */
  readonly nodes: readonly string[];
  readonly reasons: readonly string[];
  readonly batches: readonly {
    readonly direction: ParityDirection;
    readonly state: string;
    /** `ran>rows`, with a `~` where Alembic warned; or `!` and the number of a reason. */
    readonly answers: Readonly<Record<string, string>>;
  }[];
}

const CRASH = 'crash: ';

/** The line of the recording for one graph. */
export function toLine(
  graph: ParityGraph,
  batches: readonly ParityBatch[],
  raw: readonly (readonly RawAnswer[])[],
): string {
  const ids = graph.nodes.map((node) => node.id);
  const numbers = (list: readonly string[]): string => list.map((id) => ids.indexOf(id)).join(' ');
  const reasons: string[] = [];
  const encode = (answer: RawAnswer | undefined): string => {
    if (answer === undefined) throw new Error(`an answer is missing on ${graph.name}`);
    if (answer.verdict === 'works') {
      const { ran = [], rows, warnings = [] } = answer;
      return `${numbers(ran)}>${numbers(rows)}${warnings.length > 0 ? '~' : ''}`;
    }
    const reason = `${answer.kind === 'crash' ? CRASH : ''}${answer.reason}`;
    if (!reasons.includes(reason)) reasons.push(reason);
    return `!${reasons.indexOf(reason)}`;
  };
  const recorded: RecordedGraph = {
    graph: graph.name,
    nodes: graph.nodes.map(drawn),
    reasons,
    batches: batches.map(({ direction, state, targets }, batch) => ({
      direction,
      state: numbers(state),
      answers: Object.fromEntries(
        targets.map((target, index) => [target, encode(raw[batch]?.[index])]),
      ),
    })),
  };
  return JSON.stringify(recorded);
}

/**
 * The cases of one graph with the recorded answers.
 * @throws Error where the recording is of another history, or lacks a case
 */
export function fromLine(
  line: string,
  graph: ParityGraph,
  batches: readonly ParityBatch[],
): readonly AnsweredCase[] {
  // Written by `toLine`, and held against the graph below.
  const recorded = JSON.parse(line) as RecordedGraph;
  const stale = (what: string): Error =>
    new Error(`${what} on "${graph.name}" is not recorded: node test/parity/record.ts`);
  if (recorded.nodes.join() !== graph.nodes.map(drawn).join()) throw stale('the history');
  const ids = (text: string): readonly string[] =>
    text.split(' ').flatMap((number) => graph.nodes[Number(number || 'NaN')]?.id ?? []);
  const decode = (text: string): Answer => {
    if (text.startsWith('!')) {
      const reason = recorded.reasons[Number(text.slice(1))] ?? '';
      return reason.startsWith(CRASH)
        ? { verdict: 'refused', kind: 'crash', reason: reason.slice(CRASH.length) }
        : { verdict: 'refused', kind: 'error', reason };
    }
    const [ran = '', rows = ''] = text.replace('~', '').split('>');
    return {
      verdict: 'works',
      ran: ids(ran),
      applied: [...closureOf(graph, ids(rows))].sort(),
      warnings: text.endsWith('~') ? ['ambiguous'] : [],
    };
  };
  return batches.flatMap(({ direction, state, targets }, index) => {
    const batch = recorded.batches[index];
    if (batch?.direction !== direction || ids(batch.state).join() !== state.join()) {
      throw stale(`${direction} from ${state.join()}`);
    }
    return targets.map((target) => {
      const text = batch.answers[target];
      if (text === undefined) throw stale(`${direction} to "${target}"`);
      return { direction, state, target, answer: decode(text) };
    });
  });
}

function drawn({ id, revises, dependsOn, labels }: ParityGraph['nodes'][number]): string {
  return [
    revises.length === 0 ? id : `${id}<-${revises.join()}`,
    ...dependsOn.map((other) => `depends:${other}`),
    ...labels.map((label) => `label:${label}`),
  ].join(' ');
}

/** What one statement does to data and to running code, read from its parse tree. */

import type { StatementFacts } from '../core/revision.ts';
import { commandOf } from '../sql/command.ts';
import { type Effect, type FactsContext, type Handlers, undecided } from './effect.ts';
import { interruptionOf } from './interruption.ts';
import { locksOf } from './locks.ts';
import { lostDataOf } from './lost.ts';
import { isOpaque } from './opaque.ts';
import { postconditionOf } from './postcondition.ts';
import { access } from './statements/access.ts';
import { alterTable } from './statements/alter-table.ts';
import { alterType } from './statements/alter-type.ts';
import { create } from './statements/create.ts';
import { data } from './statements/data.ts';
import { drop } from './statements/drop.ts';
import { rename } from './statements/rename.ts';
import { server } from './statements/server.ts';
import { bodyOf, hasOption, type Node, tagOf } from './tree.ts';
import { workOf } from './work.ts';

const HANDLERS: Handlers = {
  ...access,
  ...alterTable,
  ...alterType,
  ...create,
  ...data,
  ...drop,
  ...rename,
  ...server,
};

/** A statement to be judged: its parse tree, undefined where the parser did not understand it. */
interface Judged {
  readonly node: Node | undefined;
  readonly text: string;
}

/** Facts about a statement. */
export function factsOf({ node, text }: Judged, context: FactsContext): StatementFacts {
  if (node === undefined) {
    return {
      compatibility: undecided('slipway cannot read this SQL'),
      dataLoss: [],
      transactional: true,
      interruption: 'unknown',
      postcondition: undefined,
      locks: [],
      work: [],
      opaque: true,
    };
  }
  const effect = effectOf(node, context);
  const transactional = effect.transactional ?? true;
  return {
    compatibility: effect.compatibility,
    dataLoss: effect.dataLoss ?? [],
    ...((effect.dataLoss ?? []).length > 0 ? { lost: lostDataOf(node) } : {}),
    transactional,
    interruption: interruptionOf(node, transactional),
    postcondition: postconditionOf(node, text),
    locks: locksOf(node, context),
    work: workOf(node, context),
    ...(isOpaque(node) ? { opaque: true } : {}),
  };
}

function effectOf(node: Node, context: FactsContext): Effect {
  const tag = tagOf(node);
  // `explain analyze` runs what it explains.
  const explain = bodyOf(node, 'ExplainStmt');
  if (explain?.query !== undefined && hasOption(explain.options, 'analyze')) {
    return effectOf(explain.query, context);
  }
  const handle = HANDLERS[tag] as
    | ((statement: unknown, context: FactsContext) => Effect)
    | undefined; // the table pairs tag and body
  return (
    handle?.(bodyOf(node, tag), context) ?? {
      compatibility: undecided(`slipway does not know what ${commandOf(node)} does`),
    }
  );
}

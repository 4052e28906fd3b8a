/** What one statement does to data and to running code, read from its parse tree. */

import type { StatementFacts } from '../core/revision.ts';
import { commandOf } from '../sql/command.ts';
import { type Effect, type FactsContext, type Handlers, undecided } from './effect.ts';
import { access } from './statements/access.ts';
import { alterTable } from './statements/alter-table.ts';
import { alterType } from './statements/alter-type.ts';
import { create } from './statements/create.ts';
import { data } from './statements/data.ts';
import { drop } from './statements/drop.ts';
import { rename } from './statements/rename.ts';
import { server } from './statements/server.ts';
import { bodyOf, hasOption, type Node, tagOf } from './tree.ts';

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

/** Facts about the statement `node`; undefined stands for one that the parser did not understand. */
export function factsOf(node: Node | undefined, context: FactsContext): StatementFacts {
  const effect =
    node === undefined
      ? { compatibility: undecided('slipway cannot read this SQL') }
      : effectOf(node, context);
  return {
    compatibility: effect.compatibility,
    dataLoss: effect.dataLoss ?? [],
    transactional: effect.transactional ?? true,
    postcondition: effect.postcondition,
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

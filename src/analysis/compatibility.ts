/** A revision's compatibility: its header's word, or the worst of what its statements do. */

import type { Compatibility, Revision, Script, Statement } from '../core/revision.ts';
import { compareSeverity } from './effect.ts';

/** A revision's verdict, and the statement that decided it. */
export interface RevisionCompatibility extends Compatibility {
  readonly statement?: Pick<Statement, 'line' | 'column' | 'text'>;
}

const UNKNOWN_PROGRAM: RevisionCompatibility = {
  verdict: 'unknown',
  reason: 'a TypeScript revision, whose SQL is known only when it runs',
};

/** Whether code of the release before `revision` keeps working once its `up` script ran. */
export function compatibilityOf(
  revision: Pick<Revision, 'compatible' | 'language'>,
  up: Script,
): RevisionCompatibility {
  if (revision.compatible !== undefined) return revision.compatible;
  if (revision.language === 'typescript') return UNKNOWN_PROGRAM;
  const worst = up.statements.reduce<Statement | undefined>(
    (worst, each) =>
      worst === undefined ||
      compareSeverity(each.facts.compatibility, worst.facts.compatibility) > 0
        ? each
        : worst,
    undefined,
  );
  if (worst === undefined) return { verdict: 'yes', reason: 'changes nothing' };
  const { line, column, text } = worst;
  return { ...worst.facts.compatibility, statement: { line, column, text } };
}

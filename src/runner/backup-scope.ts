/** What of the database has to be saved before statements run that lose data. */

import { compareModes, type NamedRelation, relationKey } from '../core/locks.ts';
import type { Postcondition, Statement } from '../core/revision.ts';
import type { BackupScope } from './ports.ts';
import type { Step } from './step.ts';

/** Whether the step loses data that somebody could want back. */
export function losesData(step: Step): boolean {
  return step.script.statements.some(isLossy);
}

/** All that `steps` lose, to be looked up before the first of them runs. */
export function scopeOf(steps: readonly Step[]): BackupScope {
  const relations = new Map<string, BackupScope['relations'][number]>();
  const objects: BackupScope['objects'][number][] = [];
  const unknown: string[] = [];
  let isMoved = false;
  for (const { script, program } of steps) {
    for (const statement of script.statements) {
      if (isLossy(statement)) {
        const found = whatGoes(statement);
        for (const relation of found.relations) {
          const key = `${relation.withReferring} ${relationKey(relation)}`;
          // Looked up before anything runs, a name that comes to be meanwhile leads nowhere.
          if (!relations.has(key)) relations.set(key, { ...relation, mayBeRenamed: isMoved });
        }
        objects.push(...found.objects);
        if (found.relations.length === 0 && found.objects.length === 0) {
          unknown.push(...statement.facts.dataLoss);
        }
      }
      isMoved ||= mayRename(statement);
    }
    isMoved ||= program !== undefined;
  }
  return { relations: [...relations.values()], objects, unknown };
}

function isLossy(statement: Statement): boolean {
  return statement.facts.dataLoss.length > 0;
}

function mayRename({ command, facts }: Statement): boolean {
  return facts.opaque === true || command.startsWith('alter ');
}

type Found = Pick<BackupScope, 'objects'> & {
  readonly relations: readonly (NamedRelation & { readonly withReferring: boolean })[];
};

function whatGoes({ command, facts }: Statement): Found {
  const { lost = [], dataLoss, locks, postcondition } = facts;
  const withReferring =
    command === 'truncate' && locks.some(({ target }) => target === 'tables of foreign keys');
  const named = lost.map(({ schema, name }) => ({
    ...{ schema, name, withReferring },
    target: 'relation' as const,
  }));
  // What cannot be counted may be something else beside what can: then all that it changes.
  if (lost.length >= dataLoss.length) return { relations: named, objects: [] };
  const dropped = droppedObject(postcondition);
  if (dropped !== undefined) return { relations: named, objects: [dropped] };
  const changed = locks
    .filter(({ target, mode }) => target === 'relation' && compareModes(mode, 'row exclusive') >= 0)
    .map(({ schema, name, target }) => ({ schema, name, target, withReferring }));
  return { relations: [...named, ...changed], objects: [] };
}

/** What is dropped together with all that depends on it. */
function droppedObject(
  postcondition: Postcondition | undefined,
): BackupScope['objects'][number] | undefined {
  if (postcondition?.kind !== 'object' || postcondition.present) return undefined;
  const { type, name, args } = postcondition;
  return { type, name, args };
}

/** Soft drops of the fake database: tables by their names, columns without being looked for. */

import type { HiddenObject, SoftDrop } from '../../src/core/soft-drop.ts';
import { hideableWords, isNamed } from '../../src/core/soft-drop.ts';
import { failure } from './fake-catalog.ts';
import type { State } from './fake-history.ts';

/** The state after the directive ran. @throws DatabaseFailure */
export function softDropped(state: State, softDrop: SoftDrop, at: string): State {
  const { action, object, revision } = softDrop;
  const { table, column } = object;
  const words = hideableWords(object);
  if (action === 'hide') {
    if (!state.objects.has(table)) {
      throw failure('other', `relation "${table}" does not exist`, { sqlState: '42P01' });
    }
    const id = state.hidden.length + 1;
    const hiddenName = `_slipway_dropped_0000000${id}_${column ?? table}`;
    const hidden: HiddenObject = {
      id,
      revision,
      kind: object.kind,
      schema: object.schema ?? 'public',
      table,
      column,
      hiddenName,
      hiddenAt: at,
      ageMs: 0,
      purgedAt: undefined,
      place: { schema: 'public', table: column === undefined ? hiddenName : table },
      rows: undefined,
      bytes: undefined,
    };
    const objects = new Map(state.objects);
    if (column === undefined) objects.delete(table);
    return { ...state, objects, hidden: [...state.hidden, hidden] };
  }
  const mine = state.hidden.filter((each) => each.revision === revision && isNamed(each, object));
  const found = mine.findLast((each) => each.purgedAt === undefined);
  if (found === undefined) {
    const why = mine.length > 0 ? 'it was purged' : 'this revision has not hidden it';
    throw failure('other', `cannot restore ${words}: ${why}`, { sqlState: '42704' });
  }
  const objects = new Map(state.objects);
  if (column === undefined) objects.set(table, 'valid');
  return { ...state, objects, hidden: state.hidden.filter((each) => each !== found) };
}

/** The state after what is hidden was dropped for good. */
export function purged(state: State, { id }: HiddenObject, at: string): State {
  const hidden = state.hidden.map((each) =>
    each.id === id ? { ...each, purgedAt: at, place: undefined } : each,
  );
  return { ...state, hidden };
}

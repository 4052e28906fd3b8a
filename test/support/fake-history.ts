/** What the fake database holds, and how each change to the history alters it. */

import type { AppliedRevision, Summary } from '../../src/core/applied.ts';
import type { RevisionId } from '../../src/core/revision.ts';
import type { HiddenObject } from '../../src/core/soft-drop.ts';
import type {
  AuditEntry,
  JournalEntry,
  LoggedEntry,
  RecordChange,
} from '../../src/runner/ports.ts';
import type { Cursors, Tables } from './fake-backfill.ts';
import type { Objects } from './fake-catalog.ts';
import { purged } from './fake-soft-drops.ts';

/** Everything that is committed. */
export interface State {
  readonly objects: Objects;
  readonly tables: Tables;
  readonly cursors: Cursors;
  readonly rows: readonly (AppliedRevision & { readonly source: string })[];
  readonly journal: readonly (JournalEntry & { readonly revision: RevisionId })[];
  readonly log: readonly LoggedEntry[];
  readonly hidden: readonly HiddenObject[];
  readonly summary: Summary | undefined;
}

/** A database that slipway has never seen. */
export const EMPTY: State = {
  objects: new Map(),
  tables: new Map(),
  cursors: new Map(),
  rows: [],
  journal: [],
  log: [],
  hidden: [],
  summary: undefined,
};
/** Where the fake's rows come from. */
export const PROVENANCE = {
  pod: undefined,
  namespace: undefined,
  node: undefined,
  image: 'shop:1',
  release: 'v1',
  version: '0.0.0',
};
/** The audit entry that belongs to each change. */
export const AUDIT_EVENT = {
  applied: 'upgrade',
  reverted: 'downgrade',
  stamped: 'stamp',
  unstamped: 'unstamp',
  begun: 'begin',
  'marked-applied': 'repair',
  'marked-reverted': 'repair',
  settled: 'repair',
  accepted: 'repair',
  purged: 'purge',
} as const satisfies Record<RecordChange['kind'], AuditEntry['event']>;

/** Version table and journal after `change`. */
export function recorded(state: State, change: RecordChange, at: string): State {
  const id = idOf(change);
  const others = state.rows.filter((row) => row.id !== id);
  switch (change.kind) {
    case 'settled':
      return state;
    case 'purged':
      return purged(state, change.hidden, at);
    case 'marked-applied':
      return {
        ...state,
        rows: state.rows.map((row) => (row.id === id ? { ...row, state: 'applied' } : row)),
        journal: state.journal.filter((entry) => entry.revision !== id),
      };
    case 'accepted': {
      const { revision, compatibility } = change;
      const { description, phase, checksum, file, irreversible, source } = revision;
      const { revises, dependsOn, labels } = revision;
      const taken = { description, phase, checksum, file, irreversible, source, compatibility };
      return {
        ...state,
        rows: state.rows.map((row) =>
          row.id === id ? { ...row, ...taken, revises, dependsOn, labels } : row,
        ),
      };
    }
    case 'marked-reverted':
    case 'reverted':
    case 'unstamped':
      return {
        ...state,
        rows: others,
        journal: state.journal.filter((entry) => entry.revision !== id),
      };
    default: {
      const { revision, compatibility, kind } = change;
      const voided =
        kind === 'begun' && change.direction === 'downgrade'
          ? ['upgrade']
          : revision.transaction === 'none'
            ? ['downgrade']
            : [];
      const journal = state.journal.filter(
        (entry) => entry.revision !== id || !voided.includes(entry.direction),
      );
      if (kind === 'begun' && change.direction === 'downgrade') {
        const rows = state.rows.map((row) =>
          row.id === id ? { ...row, state: 'partial' as const } : row,
        );
        return { ...state, rows, journal };
      }
      const { description, phase, checksum, file, irreversible, source } = revision;
      const { revises, dependsOn, labels } = revision;
      const row = {
        id,
        revises,
        dependsOn,
        labels,
        description,
        phase,
        checksum,
        file,
        source,
        irreversible,
        compatibility,
        appliedAt: at,
        durationMs: 0,
        role: 'migrator',
        state: kind === 'begun' ? ('partial' as const) : ('applied' as const),
        stamped: kind === 'stamped',
        provenance: PROVENANCE,
      };
      return { ...state, rows: [...others, row], journal };
    }
  }
}

/** Which revision a change is about. */
export function idOf(change: RecordChange): RevisionId {
  return typeof change.revision === 'string' ? change.revision : change.revision.id;
}

/** The journal after one entry was written. */
export function journaled(
  state: State,
  revision: RevisionId,
  entry: Omit<JournalEntry, 'startedAt'>,
  at: string,
): State {
  const { ordinal, direction, digest } = entry;
  const isSame = (other: State['journal'][number]): boolean =>
    other.revision === revision && other.ordinal === ordinal && other.direction === direction;
  const old = state.journal.find(isSame);
  const startedAt = old === undefined || entry.state === 'started' ? at : old.startedAt;
  const written = { revision, ordinal, direction, digest, state: entry.state, startedAt };
  return { ...state, journal: [...state.journal.filter((other) => !isSame(other)), written] };
}

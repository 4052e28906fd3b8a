/** The one statement that records a change: version table, journal, audit log and summary row. */

import type { Approved } from '../core/hazards.ts';
import type { Compatibility, Revision } from '../core/revision.ts';
import { hiddenWords } from '../core/soft-drop.ts';
import type { AuditEntry, RecordChange } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { OwnQuery } from './session.ts';
import { type HistoryContext, provenanceValues } from './version-table.ts';

const AUDIT_EVENT = {
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

const MS_IN_TRANSACTION = 'extract(epoch from clock_timestamp() - transaction_timestamp()) * 1000';

/**
 * A statement that records `change` and answers one row when the summary row was still the one
 * that the plan was made for. When it answers none, the transaction must be rolled back.
 */
export function recordQuery(context: HistoryContext, change: RecordChange): OwnQuery {
  const s = quoteIdentifier(context.schema);
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const binds = (all: readonly unknown[]): string => all.map(bind).join(', ');
  const { before, after } = change.summary;
  const approved = 'approved' in change ? change.approved : undefined;
  const id = typeof change.revision === 'string' ? change.revision : change.revision.id;
  const direction =
    change.kind === 'begun' ? change.direction : change.kind === 'applied' ? 'upgrade' : undefined;

  const text = `
    with changed as (${changeOf(s, change, { bind, binds, context })}
    ), logged as (
      insert into ${s}.log
        (event, revision, run_id, pod, namespace, node, image, release, version, detail)
      values (${binds([
        AUDIT_EVENT[change.kind],
        id,
        context.runId,
        ...provenanceValues(context.provenance),
        JSON.stringify({
          direction,
          heads: after.heads,
          ...approvalDetail(approved),
          ...repairDetail(change),
          ...purgeDetail(change),
        }),
      ])})
    )
    update ${s}.summary
    set heads = ${bind(after.heads)}, digest = ${bind(after.digest)},
      applied = ${bind(after.applied)}, floor = ${bind(after.floor ?? null)},
      updated_at = clock_timestamp()
    where digest = ${bind(before)}
    returning true as moved`;
  return {
    name: ['slipway', change.kind, direction, modeOf(change)].filter((part) => part).join('-'),
    text,
    values,
  };
}

/** Revisions outside a transaction are recorded with their journal: another statement. */
function modeOf(change: RecordChange): string | undefined {
  const { revision } = change;
  return typeof revision === 'object' && revision.transaction === 'none' ? 'outside' : undefined;
}

function approvalDetail(approved: Approved | undefined): object {
  if (approved === undefined) return {};
  return { approvedBy: approved.by, approval: approved.reason, hazards: approved.hazards };
}

/** What the audit log says of a repair beside who did it, and when. */
function repairDetail(change: RecordChange): object {
  if (!('reason' in change)) return {};
  return { action: change.kind, reason: change.reason, about: change.about };
}

/** What the audit log says of a purge: what it was, and what was known of it. */
function purgeDetail(change: RecordChange): object {
  if (change.kind !== 'purged') return {};
  const { hiddenName, hiddenAt, rows, bytes } = change.hidden;
  return { object: hiddenWords(change.hidden), hiddenName, hiddenAt, rows, bytes };
}

interface Binding {
  readonly bind: (value: unknown) => string;
  readonly binds: (values: readonly unknown[]) => string;
  readonly context: HistoryContext;
}

function changeOf(s: string, change: RecordChange, binding: Binding): string {
  switch (change.kind) {
    case 'applied':
    case 'stamped':
      // An interrupted way down that turned round has left its journal, which is void now.
      return change.revision.transaction === 'none'
        ? withVoidJournal(s, insertRevision(s, change, binding), { change, binding })
        : insertRevision(s, change, binding);
    case 'begun':
      // Begun in one direction, the journal of the other is void; the row says partial either way.
      return change.direction === 'upgrade'
        ? withVoidJournal(s, insertRevision(s, change, binding), { change, binding })
        : `
      update ${s}.revision set state = 'partial' where id = ${binding.bind(change.revision.id)}
    ), journal as (
      delete from ${s}.statement
      where revision = ${binding.bind(change.revision.id)} and direction = 'upgrade'`;
    case 'marked-applied':
      // What was journaled on the way here says nothing about the way on.
      return `
      update ${s}.revision set state = 'applied' where id = ${binding.bind(change.revision)}
    ), journal as (
      delete from ${s}.statement where revision = ${binding.bind(change.revision)}`;
    case 'settled':
      return 'select 1';
    case 'accepted':
      return acceptRevision(s, change, binding);
    case 'purged':
      return `
      update ${s}.soft_drop set purged_at = clock_timestamp()
      where id = ${binding.bind(change.hidden.id)} and purged_at is null`;
    default:
      return `
      delete from ${s}.revision where id = ${binding.bind(change.revision)}
    ), journal as (
      delete from ${s}.statement where revision = ${binding.bind(change.revision)}`;
  }
}

/** Recorded on the way up: the journal of the way down says nothing any more. */
function withVoidJournal(
  s: string,
  recorded: string,
  of: { readonly change: RecordedUp; readonly binding: Binding },
): string {
  return `${recorded}
    ), journal as (
      delete from ${s}.statement
      where revision = ${of.binding.bind(of.change.revision.id)} and direction = 'downgrade'`;
}

type RecordedUp = Extract<RecordChange, { kind: 'applied' | 'stamped' | 'begun' }>;

function insertRevision(
  s: string,
  change: Extract<RecordChange, { kind: 'applied' | 'stamped' | 'begun' }>,
  { binds, context }: Binding,
): string {
  const { revision, compatibility, kind } = change;
  const columns = {
    ...fileColumns(revision, compatibility),
    state: kind === 'begun' ? 'partial' : 'applied',
    stamped: kind === 'stamped',
  };
  const names = [...Object.keys(columns), ...PROVENANCE_COLUMNS];
  const updated = [...names, 'sequence', 'applied_at', 'role'].filter((name) => name !== 'id');
  return `
      insert into ${s}.revision as r (${names.join(', ')}, duration_ms)
      values (${binds([...Object.values(columns), ...provenanceValues(context.provenance)])},
        ${kind === 'applied' ? MS_IN_TRANSACTION : '0'})
      on conflict (id) do update set
        ${updated.map((name) => `${name} = excluded.${name}`).join(', ')},
        duration_ms = extract(epoch from clock_timestamp() - r.applied_at) * 1000`;
}

const PROVENANCE_COLUMNS = ['pod', 'namespace', 'node', 'image', 'release', 'version'];

/** What the row has of the file. */
function fileColumns(revision: Revision, compatibility: Compatibility) {
  return {
    id: revision.id,
    revises: revision.revises,
    depends_on: revision.dependsOn,
    labels: revision.labels,
    description: revision.description,
    phase: revision.phase,
    compatible: compatibility.verdict,
    compatible_reason: compatibility.reason,
    checksum: revision.checksum,
    file: revision.file,
    source: revision.source,
    up: revision.up.text,
    verify: revision.verify?.text ?? null,
    // The down of a program cannot be kept.
    down: revision.language === 'sql' ? (revision.down?.text ?? null) : null,
    irreversible: revision.irreversible ?? null,
  };
}

/** Who applied it, and when, stays as it was. */
function acceptRevision(
  s: string,
  { revision, compatibility }: Extract<RecordChange, { kind: 'accepted' }>,
  { bind }: Binding,
): string {
  const columns = Object.entries(fileColumns(revision, compatibility));
  return `
      update ${s}.revision
      set ${columns.map(([name, value]) => `${name} = ${bind(value)}`).join(', ')}
      where id = ${bind(revision.id)}`;
}

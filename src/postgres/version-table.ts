/** Reads and writes the version table and the audit log. */

import type { AppliedRevision, Provenance } from '../core/applied.ts';
import { EMPTY_DIGEST } from '../core/applied.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import type { Json } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { AppliedRevisions, AuditEntry, LoggedEntry } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { HISTORY_FORMATS, type HistoryFormat } from './history-schema.ts';
import { lockKey } from './lock.ts';
import type { OwnQuery, Row, Session } from './session.ts';
import { CURRENT_FORMAT, optional, readSummary, textArray, tooNew } from './summary.ts';

/** Who is running, for the rows that this run writes. */
export interface HistoryContext {
  readonly schema: string;
  readonly runId: string;
  readonly provenance: Provenance;
  readonly reporter: Reporter;
}

/** The version table of `context.schema`. */
export function appliedRevisions(
  session: Session,
  context: HistoryContext,
  formats: readonly HistoryFormat[] = HISTORY_FORMATS,
): AppliedRevisions {
  const s = quoteIdentifier(context.schema);
  return {
    summary: () => readSummary(session, context.schema),
    async list() {
      const rows = await session.own({
        text: `
          select id, revises, depends_on, labels, description, phase, compatible,
            compatible_reason, checksum, file, irreversible, state, stamped, applied_at,
            duration_ms, role, pod, namespace, node, image, release, version
          from ${s}.revision
          order by sequence`,
      });
      return rows.map(toApplied);
    },
    async sources(ids) {
      const rows = await session.own({
        text: `select id, source from ${s}.revision where id = any($1)`,
        values: [ids],
      });
      return new Map(rows.map((row) => [String(row['id']), String(row['source'])]));
    },
    prepare: () => prepare(session, context, formats),
    async audit(entry) {
      await session.own(auditQuery(context, entry));
    },
    async releases() {
      const rows = await session.own({
        text: `
          select release, image, at, detail -> 'heads' as heads from (
            select distinct on (release, image) id, release, image, at, detail
            from ${s}.log
            where event = 'upgrade' and detail ? 'heads' and coalesce(release, image) is not null
            order by release, image, id desc
          ) as last
          order by id desc`,
      });
      return rows.map((row) => ({
        release: optional(row['release']),
        image: optional(row['image']),
        heads: textArray(row['heads']),
        at: isoTime(row['at']),
      }));
    },
    async recentLog(limit, event) {
      const rows = await session.own({
        text: `
          select at, event, revision, role, pod, namespace, node, image, release, version, detail
          from ${s}.log
          where $2::text is null or event = $2
          order by id desc
          limit $1`,
        values: [limit, event ?? null],
      });
      return rows.map(toLogged);
    },
  };
}

/** The insert into the audit log, as a query of its own. */
export function auditQuery(context: HistoryContext, entry: AuditEntry): OwnQuery {
  return {
    text: `
      insert into ${quoteIdentifier(context.schema)}.log
        (event, revision, run_id, pod, namespace, node, image, release, version, detail)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      entry.event,
      entry.revision ?? null,
      context.runId,
      ...provenanceValues(context.provenance),
      JSON.stringify(entry.detail),
    ],
  };
}

/** pod, namespace, node, image, release, version. */
export function provenanceValues(provenance: Provenance): readonly (string | null)[] {
  const { pod, namespace, node, image, release, version } = provenance;
  return [pod ?? null, namespace ?? null, node ?? null, image ?? null, release ?? null, version];
}

/** Creates the history schema itself. */
export function schemaStatements(schema: string): readonly string[] {
  const s = quoteIdentifier(schema);
  return [
    `create schema ${s}`,
    `revoke all on schema ${s} from public`,
    `comment on schema ${s} is 'What slipway has applied to this database. Change it through slipway only.'`,
  ];
}

/** Creates the tables, or what `formats` add to them. */
export function tableStatements(
  schema: string,
  formats: readonly HistoryFormat[],
): readonly string[] {
  const s = quoteIdentifier(schema);
  return [
    ...formats.flatMap((format) => format.statements(schema)),
    // Default privileges may have granted what is ours alone.
    `revoke all on all tables in schema ${s} from public`,
    `revoke all on all sequences in schema ${s} from public`,
  ];
}

/** Says that nothing is applied yet. */
export function firstSummary(schema: string, latest: HistoryFormat): string {
  return `insert into ${quoteIdentifier(schema)}.summary (format, readable_since, heads, digest, applied)
    values (${latest.format}, ${latest.readableSince}, '{}', '${EMPTY_DIGEST}', 0)`;
}

/** Says in which format the history schema is now. */
export function raiseFormat(schema: string, { format, readableSince }: HistoryFormat): string {
  return `update ${quoteIdentifier(schema)}.summary set format = ${format}, readable_since = ${readableSince}`;
}

/** What a transaction that changes the history schema begins with. */
export function historyPrelude(role: string | undefined): readonly string[] {
  return [
    'begin read write',
    ...(role === undefined ? [] : [`set local role ${quoteIdentifier(role)}`]),
    "set local lock_timeout = '10s'",
  ];
}

/** Creates or upgrades the history schema, all in one transaction. */
async function prepare(
  session: Session,
  context: HistoryContext,
  formats: readonly HistoryFormat[],
): Promise<void> {
  const { schema, reporter } = context;
  const s = quoteIdentifier(schema);
  const latest = formats.at(-1);
  const [found] = await session.own({
    text: `
      select to_regnamespace($1) is not null as has_schema,
        to_regclass($2) is not null as has_summary`,
    values: [s, `${s}.summary`],
  });
  const from = found?.['has_summary'] === true ? await readFormat(session, schema) : 0;
  if (latest === undefined || from >= latest.format) return;
  const missing = formats.filter((format) => format.format > from);
  const statements = [
    // A schema that an administrator made for us is theirs to comment on and to grant.
    ...(found?.['has_schema'] === true ? [] : schemaStatements(schema)),
    ...tableStatements(schema, missing),
    from === 0 ? firstSummary(schema, latest) : raiseFormat(schema, latest),
  ];
  await inOneTransaction(session, schema, statements);
  reporter.report(
    from === 0
      ? { type: 'history.created', schema, format: latest.format }
      : { type: 'history.upgraded', schema, from, to: latest.format },
  );
}

async function readFormat(session: Session, schema: string): Promise<number> {
  const [row] = await session.own({
    text: `select format, readable_since from ${quoteIdentifier(schema)}.summary`,
  });
  if (row === undefined) return 0;
  if (Number(row['readable_since']) > CURRENT_FORMAT) throw tooNew(schema, row);
  return Number(row['format']);
}

async function inOneTransaction(
  session: Session,
  schema: string,
  statements: readonly string[],
): Promise<void> {
  const begin = [...historyPrelude(session.role)];
  // Behind a pooler no session lock is held: runners that create at once are put in line here.
  // Waiting is safe: nothing of this transaction can build an index concurrently.
  if (session.pooled) begin.push(`select pg_advisory_xact_lock(${lockKey(schema)})`);
  try {
    await session.ownAll([...begin, ...statements, 'commit'].map((text) => ({ text })));
  } catch (error) {
    await session.client.query('rollback').catch(() => undefined);
    // Two runners behind a pooler created it at the same time: the other one was first.
    if (session.pooled && error instanceof DatabaseFailure && error.fields.sqlState === '42P06') {
      throw new DatabaseFailure('stale-plan', error.fields, { cause: error });
    }
    throw error;
  }
}

function toApplied(row: Row): AppliedRevision {
  const verdict = row['compatible'];
  return {
    id: String(row['id']),
    revises: textArray(row['revises']),
    dependsOn: textArray(row['depends_on']),
    labels: textArray(row['labels']),
    description: String(row['description']),
    phase: row['phase'] === 'contract' ? 'contract' : 'expand',
    compatibility: {
      verdict: verdict === 'yes' || verdict === 'no' ? verdict : 'unknown',
      reason: String(row['compatible_reason']),
    },
    checksum: String(row['checksum']),
    file: String(row['file']),
    irreversible: optional(row['irreversible']),
    state: row['state'] === 'partial' ? 'partial' : 'applied',
    stamped: row['stamped'] === true,
    appliedAt: isoTime(row['applied_at']),
    durationMs: Number(row['duration_ms']),
    role: String(row['role']),
    provenance: toProvenance(row),
  };
}

function toLogged(row: Row): LoggedEntry {
  return {
    at: isoTime(row['at']),
    event: String(row['event']),
    revision: optional(row['revision']),
    role: String(row['role']),
    provenance: toProvenance(row),
    // A jsonb column: whatever it holds is JSON.
    detail: row['detail'] as Json,
  };
}

function toProvenance(row: Row): Provenance {
  return {
    pod: optional(row['pod']),
    namespace: optional(row['namespace']),
    node: optional(row['node']),
    image: optional(row['image']),
    release: optional(row['release']),
    version: String(row['version']),
  };
}

function isoTime(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** The words of a plan that its text and its Markdown share. */

import { formatBytes } from '../core/bytes.ts';
import { formatDuration } from '../core/duration.ts';
import { whoWaits } from '../core/locks.ts';
import { describeSession } from '../core/session-text.ts';
import type { LiveConditions } from '../runner/ports.ts';
import type {
  PlannedLock,
  PlannedRevision,
  PlannedStatement,
  PlannedTable,
  PlannedWork,
  UpgradePlan,
} from '../runner/upgrade-plan.ts';

/** `2 revisions, 5 statements, about 4 min of work`. */
export function planSummary({ revisions, estimateMs, ahead }: UpgradePlan): string {
  if (revisions.length === 0) {
    return ahead ? 'the database is ahead, and compatible' : 'nothing to do';
  }
  const statements = revisions.reduce((sum, each) => sum + each.statements.length, 0);
  const time = estimateMs < 1000 ? '' : `, about ${roughly(estimateMs)} of work`;
  return `${counted(revisions.length, 'revision')} to apply, ${counted(statements, 'statement')}${time}`;
}

/** What is known of a revision beside its statements. */
export function revisionFacts(revision: PlannedRevision): string {
  const { compatibility, phase, transaction, language } = revision;
  const verdicts = {
    yes: 'compatible',
    no: 'breaks the previous release',
    unknown: 'unclassified',
  };
  return [
    phase,
    verdicts[compatibility.verdict],
    ...(transaction === 'none' ? ['outside a transaction'] : []),
    ...(language === 'typescript' ? ['TypeScript'] : []),
  ].join(', ');
}

/** The locks that somebody may notice: on tables that were there before, and that make others wait. */
export function lockWords({ locks, opaque }: PlannedStatement): readonly string[] {
  const known = locks.filter(isNoticed).map(({ mode, relation }) => `${mode} on ${relation}`);
  return opaque ? [...known, 'perhaps others'] : known;
}

function isNoticed({ isNew, mode }: PlannedLock): boolean {
  return !isNew && whoWaits(mode) !== undefined;
}

/** Who waits while the statement runs. */
export function waitWords({ locks, opaque }: PlannedStatement): string {
  const waiting = locks.filter(isNoticed).map(({ mode }) => whoWaits(mode));
  if (waiting.includes('reads and writes')) return 'reads and writes';
  if (waiting.includes('writes')) return 'writes';
  return opaque ? 'not known' : 'nobody';
}

const VERBS: { readonly [K in PlannedWork['kind']]: string } = {
  rewrite: 'rewrites',
  scan: 'scans',
  'build index': 'indexes',
  'write rows': 'writes rows of',
};

/** What a statement goes through, each with its estimate. */
export function workWords({ work }: PlannedStatement): readonly string[] {
  return work
    .filter((each) => !each.isNew)
    .map((each) => {
      const time = each.estimateMs === undefined ? '' : `, ${roughly(each.estimateMs)}`;
      return `${VERBS[each.kind]} ${each.relation}${sizeOf(each)}${time}`;
    });
}

/** ` (12 GB, 40 million rows)`. */
function sizeOf({ bytes, rows }: PlannedTable): string {
  if (bytes === undefined) return '';
  const count = rows === undefined || rows < 0 ? '' : `, ${roundCount(rows)} rows`;
  return ` (${formatBytes(bytes)}${count})`;
}

/** A count as people say it: the server only estimates it. */
function roundCount(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 1_000_000) return `${Math.round(count / 1000)} thousand`;
  return `${(count / 1_000_000).toFixed(count < 10_000_000 ? 1 : 0)} million`;
}

/** An estimate does not know milliseconds. */
export function roughly(ms: number): string {
  if (ms < 1000) return '< 1 s';
  return formatDuration(
    ms < 60_000 ? Math.round(ms / 1000) * 1000 : Math.round(ms / 60_000) * 60_000,
  );
}

/** Those that are in the way right now, each once. */
export function blockerWords({ revisions }: UpgradePlan): readonly string[] {
  const lines = revisions.flatMap(({ id, statements }) =>
    statements.flatMap(({ blockers }) =>
      blockers.map(
        ({ relation, holds, wanted, session }) =>
          `${describeSession(session)} holds ${holds} on ${relation}: revision ${id} would wait for ${wanted}`,
      ),
    ),
  );
  return [...new Set(lines)];
}

/** What the database is like, a line for each thing. */
export function conditionWords(conditions: LiveConditions): readonly (readonly [string, string])[] {
  const { version, databaseBytes, oldestTransaction, replicas, diskFreeBytes } = conditions;
  return [
    [
      'server',
      `Postgres ${Math.floor(version / 10_000)}.${version % 10_000}, database of ${formatBytes(databaseBytes)}`,
    ],
    [
      'oldest transaction',
      oldestTransaction === undefined ? 'none' : describeSession(oldestTransaction),
    ],
    [
      'replicas',
      replicas === undefined
        ? 'not visible to this role'
        : replicas.map(({ name, lagMs }) => `${name} ${formatDuration(lagMs)} behind`).join(', ') ||
          'none',
    ],
    [
      'disk',
      diskFreeBytes === undefined ? 'not visible from here' : `${formatBytes(diskFreeBytes)} free`,
    ],
  ];
}

/** `1 revision`, `2 revisions`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What needs a person, and on what evidence. Changes nothing. */

import type { AppliedRevision } from '../core/applied.ts';
import { describeOrigin } from '../core/decide.ts';
import { lineDifference } from '../core/difference.ts';
import type { Graph } from '../core/graph.ts';
import {
  type Direction,
  languageOf,
  type Postcondition,
  type Revision,
  type RevisionId,
  type Script,
} from '../core/revision.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import { digestOf, judgeStatement, needsEvidence } from './interrupted.ts';
import type {
  Evidence,
  JournalEntry,
  MigrationDatabase,
  Release,
  StatementLimits,
} from './ports.ts';
import { isTurnedBack } from './turn-back.ts';

/** A statement of a revision that began and did not end. */
interface PartialStatement {
  /** Counted from 1. */
  readonly number: number;
  readonly location: string;
  readonly command: string;
  readonly text: string;
  /** `open`: no run has come to it. */
  readonly journal: JournalEntry['state'] | 'open';
  readonly startedAt: string | undefined;
  readonly evidence: Evidence | undefined;
  /** `unknown` and `changed` need a person; of the others the next run knows what to do. */
  readonly next: 'done' | 'again' | 'unknown' | 'changed';
  readonly digest: string;
  readonly postcondition: Postcondition | undefined;
}

/** A revision that began and did not end. */
export interface PartialRevision {
  readonly id: RevisionId;
  readonly description: string;
  readonly file: string;
  readonly direction: Direction;
  readonly begunAt: string;
  readonly begunBy: string;
  readonly statements: readonly PartialStatement[];
  /** Whether the next run stops at it. */
  readonly needsPerson: boolean;
}

/** An applied revision whose file is another one now. */
export interface ChangedRevision {
  readonly id: RevisionId;
  readonly description: string;
  readonly file: string;
  readonly appliedAt: string;
  readonly appliedBy: string;
  /** Whether what an upgrade runs is another SQL. */
  readonly upDiffers: boolean;
  readonly difference: readonly string[];
}

/** All that an operator may have to settle. */
export interface RepairReport {
  readonly partial: readonly PartialRevision[];
  readonly changed: readonly ChangedRevision[];
}

/** Looks for what needs a person; with `only`, at that revision alone. */
export async function reportRepairs(
  db: MigrationDatabase,
  release: Release | undefined,
  options: { readonly limits: StatementLimits; readonly only?: RevisionId | undefined },
): Promise<RepairReport> {
  if ((await db.applied.summary()) === undefined) return { partial: [], changed: [] };
  const rows = (await db.applied.list()).filter((row) => row.id === (options.only ?? row.id));
  const graph = await release?.graph();
  const partial: PartialRevision[] = [];
  for (const row of rows.filter((each) => each.state === 'partial')) {
    partial.push(await reportPartial(db, { row, release, graph }, options.limits));
  }
  const changed = rows.flatMap((row) => {
    const file = graph?.nodes.get(row.id);
    const isChanged = row.state === 'applied' && file !== undefined;
    return isChanged && file.checksum !== row.checksum ? [{ row, file }] : [];
  });
  const sources = await db.applied.sources(changed.map(({ row }) => row.id));
  return {
    partial,
    changed: changed.map(({ row, file }) => reportChanged(row, file, sources.get(row.id) ?? '')),
  };
}

interface PartialSource {
  readonly row: AppliedRevision;
  readonly release: Release | undefined;
  readonly graph: Graph<Revision> | undefined;
}

async function reportPartial(
  db: MigrationDatabase,
  source: PartialSource,
  limits: StatementLimits,
): Promise<PartialRevision> {
  const { row } = source;
  const journal = await db.journal.read(row.id);
  // When a direction begins, the journal of the other one is void.
  const direction = journal[0]?.direction ?? 'upgrade';
  const turnedBack = isTurnedBack(journal, direction === 'upgrade');
  const { revision, script } = await nextScript(db, source, direction);
  const statements: PartialStatement[] = [];
  for (const [ordinal, statement] of script.statements.entries()) {
    const entry = journal.find((each) => each.ordinal === ordinal);
    const item = { ordinal, statement, entry, turnedBack, expectedDigest: '' };
    const { postcondition } = statement.facts;
    const asks = postcondition !== undefined && needsEvidence(item);
    const evidence = asks ? await db.sql.evidence(postcondition, limits) : undefined;
    const isRemnant = evidence?.verdict === 'remnant';
    const verdict = judgeStatement(item, evidence, { isCleaned: false });
    statements.push({
      number: ordinal + 1,
      location: `${revision.file}:${statement.line}:${statement.column}`,
      command: statement.command,
      text: statement.text,
      journal: entry?.state ?? 'open',
      startedAt: entry?.startedAt,
      evidence,
      // The next run removes it, or finishes what it is the half of.
      next: isRemnant ? 'again' : verdict.kind,
      digest: digestOf(statement),
      postcondition,
    });
  }
  return {
    id: row.id,
    description: row.description,
    file: revision.file,
    direction,
    begunAt: row.appliedAt,
    begunBy: describeOrigin(row),
    statements,
    needsPerson: statements.some(({ next }) => next === 'unknown' || next === 'changed'),
  };
}

/** What the next run in this direction would run: up is the file's word, down the archive's. */
async function nextScript(
  db: MigrationDatabase,
  { row, release, graph }: PartialSource,
  direction: Direction,
): Promise<{ readonly revision: Revision; readonly script: Script }> {
  const file = graph?.nodes.get(row.id);
  if (direction === 'upgrade' && file !== undefined && release !== undefined) {
    return { revision: file, script: await release.script(file, 'up') };
  }
  const sources = await db.applied.sources([row.id]);
  const revision = parseRevisionFile(sources.get(row.id) ?? '', row.file);
  const section = direction === 'upgrade' ? revision.up : revision.down;
  if (section === undefined) return { revision, script: { statements: [], parsed: true } };
  const { prepareScript } = await import('../analysis/script.ts');
  return { revision, script: await prepareScript(revision, section) };
}

function reportChanged(row: AppliedRevision, file: Revision, source: string): ChangedRevision {
  return {
    id: row.id,
    description: row.description,
    file: file.file,
    appliedAt: row.appliedAt,
    appliedBy: describeOrigin(row),
    upDiffers: upDiffers(row, file, source),
    difference: lineDifference(source, file.source),
  };
}

function upDiffers(row: AppliedRevision, file: Revision, source: string): boolean {
  // What a program runs is known only when it runs.
  if (languageOf(row.file) === 'typescript' || file.language === 'typescript') return true;
  const { up } = parseRevisionFile(source, row.file);
  return lineDifference(up.text.trim(), file.up.text.trim()).length > 0;
}

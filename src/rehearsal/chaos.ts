/** Kills a runner at its statements, runs again, and expects to find what an undisturbed run leaves. */

import type { Catalog } from '../core/catalog.ts';
import { compareCatalogs } from '../core/catalog.ts';
import type { Revision, RevisionId } from '../core/revision.ts';
import type { Release } from '../runner/ports.ts';
import { differentRows } from './lost-rows.ts';
import type { ScratchDatabase, TableRows } from './ports.ts';
import type { Outcome, RehearsalSurroundings, Stage } from './rehearse.ts';
import { differenceFinding, type Finding, findingOf } from './report.ts';
import type { Slots } from './slots.ts';

/** How many places of each revision are tried: all, or so many by chance. */
export function chaosPlan(
  chaos: 'all' | number,
  selected: readonly RevisionId[],
  random: () => number,
): ReadonlyMap<RevisionId, 'all' | number> {
  if (chaos === 'all') return new Map(selected.map((id) => [id, 'all']));
  const plan = new Map<RevisionId, number>();
  for (let count = 0; count < chaos && selected.length > 0; count++) {
    const id = selected[Math.floor(random() * selected.length)];
    if (id !== undefined) plan.set(id, (plan.get(id) ?? 0) + 1);
  }
  return plan;
}

/** Where it takes place. */
interface ChaosStage extends Stage {
  /** What the revision is applied to; rests. */
  readonly base: ScratchDatabase;
  readonly places: Slots;
}

interface Place {
  readonly at: number;
  readonly passOn: boolean;
}

/** Kills runs of one revision. */
export async function chaosOf(
  stage: ChaosStage,
  subject: {
    readonly release: Release;
    readonly revision: Revision;
    readonly wanted: 'all' | number;
  },
  { random, checkStopped }: RehearsalSurroundings,
): Promise<Outcome> {
  const { release, revision, wanted } = subject;
  const findings: Finding[] = [];
  const quiet = await undisturbed(stage, revision.id);
  if ('complaint' in quiet) return { findings, notes: [`not killed: ${quiet.complaint}`] };
  const volatile = await differentFromPlainRun(stage, subject, quiet.rows);
  const all = everyPlace(quiet.statements.length, revision);
  const chosen =
    wanted === 'all'
      ? all
      : Array.from({ length: wanted }, () => all[Math.floor(random() * all.length)]).filter(
          (place) => place !== undefined,
        );
  for (const place of chosen) {
    checkStopped();
    await stage.places.run(async () => {
      const copy = await stage.server.copyOf(stage.base);
      return async () => {
        try {
          await stage.runners.killed(copy, revision.id, place);
          await copy.upgrade(release, [revision.id]);
          const where = `${place.passOn ? 'during' : 'before'} "${quiet.statements[place.at - 1]}"`;
          const finding =
            differenceFinding(
              'chaos',
              `killed ${where} and run again, the database is not what an undisturbed run makes`,
              compareCatalogs(quiet.catalog, await copy.catalog()),
            ) ?? rowsFinding(where, quiet.rows, await copy.rows(), volatile);
          if (finding !== undefined) findings.push({ ...finding, file: revision.file });
        } catch (error) {
          const finding = findingOf(error, 'chaos');
          findings.push({
            ...finding,
            phase: 'chaos',
            message: `killed at statement ${place.at} of ${quiet.statements.length} and run again: ${finding.message}`,
          });
        } finally {
          await copy.drop();
        }
      };
    });
  }
  await stage.places.settled();
  return { findings, notes: [`killed at ${chosen.length} of ${all.length} places`] };
}

interface Quiet {
  readonly statements: readonly string[];
  readonly catalog: Catalog;
  readonly rows: readonly TableRows[];
}

async function undisturbed(
  { server, runners, base }: ChaosStage,
  id: RevisionId,
): Promise<Quiet | { readonly complaint: string }> {
  const copy = await server.copyOf(base);
  try {
    const { exitCode, complaint, statements } = await runners.counted(copy, id);
    if (exitCode !== 0) return { complaint: complaint ?? `it ended with ${exitCode}` };
    return { statements, catalog: await copy.catalog(), rows: await copy.rows() };
  } finally {
    await copy.drop();
  }
}

/** Columns that two runs fill differently by nature: times, random values. */
async function differentFromPlainRun(
  { server, base }: ChaosStage,
  { release, revision }: { readonly release: Release; readonly revision: Revision },
  rows: readonly TableRows[],
): Promise<ReadonlySet<string>> {
  const copy = await server.copyOf(base);
  try {
    await copy.upgrade(release, [revision.id]);
    return new Set(differentRows(rows, await copy.rows()));
  } finally {
    await copy.drop();
  }
}

/**
 * In a transaction a run that dies in a statement leaves what one leaves that dies before it: nothing.
 * Outside of one the statement goes on without its client.
 */
function everyPlace(statements: number, revision: Revision): readonly Place[] {
  const kinds = revision.transaction === 'none' ? [false, true] : [false];
  return Array.from({ length: statements }, (_, index) => index + 1).flatMap((at) =>
    kinds.map((passOn) => ({ at, passOn })),
  );
}

function rowsFinding(
  where: string,
  expected: readonly TableRows[],
  found: readonly TableRows[],
  volatile: ReadonlySet<string>,
): Finding | undefined {
  const differences = differentRows(expected, found).filter((line) => !volatile.has(line));
  if (differences.length === 0) return undefined;
  return {
    phase: 'chaos',
    message: `killed ${where} and run again, the rows are not those of an undisturbed run`,
    differences,
  };
}

/** What `--fix` does: makes the edits of findings in files, as long as the files stay valid. */

import { prepareScript } from '../analysis/script.ts';
import { sectionErrors } from '../authoring/validate-release.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Revision, Script } from '../core/revision.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Finding } from '../lint/finding.ts';
import { applyFixes } from '../lint/fix.ts';
import type { LintReport } from '../lint/lint-release.ts';
import type { FixedFile } from '../lint/report.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';

/** A correction may give rise to the next one; some that undo each other must not go on for ever. */
const ROUNDS = 10;

/** What is left to say after fixing. */
export interface FixOutcome {
  /** As the files are now. */
  readonly report: LintReport;
  readonly revisions: readonly Revision[];
  readonly fixed: readonly FixedFile[];
}

/**
 * Lints `revisions`, corrects those that `mayChange`, and lints again until nothing is left to
 * correct. Files are written at the end, each as a whole or not at all.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE` where a file cannot be written
 */
export async function lintAndFix(
  revisions: readonly Revision[],
  lint: (revisions: readonly Revision[]) => Promise<LintReport>,
  mayChange: (revision: Revision) => boolean,
): Promise<FixOutcome> {
  let now = revisions;
  let report = await lint(now);
  const followed = new Map<string, string[]>();
  for (let round = 0; round < ROUNDS; round++) {
    let hasChanged = false;
    const next: Revision[] = [];
    for (const revision of now) {
      const fixed = mayChange(revision) ? await corrected(revision, report.findings) : undefined;
      next.push(fixed?.revision ?? revision);
      if (fixed === undefined) continue;
      hasChanged = true;
      followed.set(revision.file, [...(followed.get(revision.file) ?? []), ...fixed.rules]);
    }
    if (!hasChanged) break;
    now = next;
    report = await lint(now);
  }
  for (const { file, source } of now) if (followed.has(file)) await writeWhole(file, source);
  const fixed = [...followed].map(([file, rules]) => ({ file, rules }));
  return { report, revisions: now, fixed };
}

/** The revision with its findings corrected; undefined where nothing can be. */
async function corrected(
  revision: Revision,
  findings: readonly Finding[],
): Promise<{ readonly revision: Revision; readonly rules: readonly string[] } | undefined> {
  const own = findings.filter(({ file, fix }) => file === revision.file && fix.length > 0);
  if (own.length === 0) return undefined;
  const whole = applyFixes(
    revision.source,
    own.map(({ fix }) => fix),
  );
  const fixed = await valid(whole.text, revision);
  const rules = whole.made.flatMap((index) => own[index]?.rule ?? []);
  return fixed === undefined ? undefined : { revision: fixed, rules };
}

/** The text as a revision, unless something is wrong with it that was not wrong before. */
async function valid(text: string, before: Revision): Promise<Revision | undefined> {
  if (text === before.source) return undefined;
  try {
    const revision = parseRevisionFile(text, before.file);
    const isWorse = (await errorCount(revision)) > (await errorCount(before));
    return isWorse || revision.id !== before.id ? undefined : revision;
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}

async function errorCount(revision: Revision): Promise<number> {
  const errors = await sectionErrors(revision, async (each, name): Promise<Script> => {
    const section = each[name];
    return section === undefined ? { statements: [], parsed: true } : prepareScript(each, section);
  });
  return errors.length;
}

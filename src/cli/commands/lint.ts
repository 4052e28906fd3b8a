/** `slipway lint`: statements that would hurt, each with what it does and the safe way. */

import { prepareScript } from '../../analysis/script.ts';
import { type FileProblem, problemOf } from '../../authoring/file-problem.ts';
import { sectionErrors } from '../../authoring/validate-release.ts';
import { RULE_LEVELS_USAGE, type RuleLevel, readRuleLevels } from '../../config/rule-levels.ts';
import { CheckFailed, RevisionFileError, UsageError } from '../../core/errors.ts';
import type { Revision } from '../../core/revision.ts';
import { type LintReport, lintRelease } from '../../lint/lint-release.ts';
import { counted, countOf, type LintAnswer, type ReportItem } from '../../lint/report.ts';
import type { LintSettings } from '../../lint/rule.ts';
import { RULES } from '../../lint/rules.ts';
import { selectRules, silencedRules } from '../../lint/select-rules.ts';
import type { ActiveRule } from '../../lint/sieve.ts';
import type { CommandOptions } from '../command-spec.ts';
import { lintAndFix } from '../lint-fix.ts';
import { LINT_FORMATS, type LintFormat, outputReport } from '../lint-output.ts';
import { type LintSources, readSources } from '../lint-sources.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';

/**
 * Lints and reports; with `--fix` corrects first what can be corrected.
 * @throws RevisionFileError where a file cannot be linted
 * @throws CheckFailed `SLIPWAY_LINT_FINDINGS` where a finding is an error
 * @throws UsageError, ConfigError, GraphError for what was asked
 */
export async function lintCommand(
  run: RunContext,
  options: CommandOptions,
  named: readonly string[],
): Promise<undefined> {
  const { edge, settings } = run;
  const rules = rulesFor(run, options);
  if (options['list'] === true) {
    listRules(run, rules, options['json'] === true);
    return;
  }
  const changedSince = textOf(options['changedSince']);
  if (options['fix'] === true) refuseToGuess(run, { named, changedSince });
  const sources = await readSources({
    dir: settings.dir,
    named,
    after: settings.lintAfter,
    changedSince,
    env: edge.env,
  });
  const isOneRelease = changedSince !== undefined;
  const lint = (revisions: readonly Revision[]): Promise<LintReport> => {
    const now = new Map(revisions.map((revision) => [revision.file, revision]));
    return lintRelease({
      revisions: sources.history.map((revision) => now.get(revision.file) ?? revision),
      background: new Set(sources.history.filter(({ file }) => !now.has(file))),
      isOneRelease,
      rules,
      silenced: silencedRules(rules),
      settings: lintSettings(run),
    });
  };
  const outcome =
    options['fix'] === true
      ? await lintAndFix(sources.revisions, lint, (each) => !sources.isPublished(each))
      : { report: await lint(sources.revisions), revisions: sources.revisions, fixed: [] };
  const problems = await problemsIn(sources, outcome.report);
  // Of SQL that cannot be parsed rules know nothing worth saying.
  const broken = new Set(problems.flatMap(({ files }) => files));
  const findings = outcome.report.findings.filter(({ file }) => !broken.has(file));
  const answer: LintAnswer = {
    items: [...problems.map(itemOf), ...findings],
    verdicts: outcome.report.verdicts,
    revisions: outcome.revisions.length,
    programs: sources.programs,
    fixed: outcome.fixed,
    rules,
    sources: new Map(outcome.revisions.map(({ file, source }) => [file, source])),
  };
  await outputReport(answer, edge, {
    format: formatOf(options),
    file: textOf(options['output']),
  });
  refuse(answer, problems);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function formatOf(options: CommandOptions): LintFormat {
  if (options['json'] === true) return 'json';
  return LINT_FORMATS.find((format) => format === options['format']) ?? 'text';
}

function rulesFor(
  { settings, origins }: RunContext,
  options: CommandOptions,
): readonly ActiveRule[] {
  const flags = Array.isArray(options['rule']) ? options['rule'].map(String) : [];
  return selectRules([
    { origin: origins.lintRules ?? 'lintRules', levels: settings.lintRules },
    { origin: '--rule', levels: flags.flatMap(levelsOf) },
  ]);
}

function levelsOf(flag: string): readonly RuleLevel[] {
  const levels = readRuleLevels(flag);
  if (levels !== undefined) return levels;
  throw new UsageError('SLIPWAY_USAGE', `--rule "${flag}" ${RULE_LEVELS_USAGE}`, {
    hint: 'slipway lint --list shows the rules.',
  });
}

function lintSettings({ settings }: RunContext): LintSettings {
  const { lintPostgres: postgres, lintNaming: naming } = settings;
  return naming === undefined ? { postgres } : { postgres, naming };
}

/** A file that a database has may not change; which those are only the caller knows. */
function refuseToGuess(
  { origins }: RunContext,
  given: { readonly named: readonly string[]; readonly changedSince: string | undefined },
): void {
  const isNarrowed =
    given.named.length > 0 || given.changedSince !== undefined || origins.lintAfter === '--after';
  if (isNarrowed) return;
  throw new UsageError('SLIPWAY_USAGE', '--fix would also change revisions that are applied', {
    hint: 'Say which are not: --changed-since origin/main, --after REVISION, or name the files.',
  });
}

/** What is wrong with files beside what rules find: the codes are those of check-files. */
async function problemsIn(
  sources: LintSources,
  report: LintReport,
): Promise<readonly FileProblem[]> {
  const syntax = [];
  for (const revision of report.unparsed) {
    const errors = await sectionErrors(revision, async (each, name) => {
      const section = each[name];
      return section === undefined
        ? { statements: [], parsed: true }
        : prepareScript(each, section);
    });
    syntax.push(...errors.filter(({ code }) => code === 'SLIPWAY_SQL_SYNTAX'));
  }
  const errors = [...sources.unreadable.map(({ error }) => error), ...report.errors, ...syntax];
  return errors.map(problemOf);
}

function itemOf(problem: FileProblem): ReportItem {
  const { severity, code, message, hint, files, line, column, excerpt } = problem;
  return {
    rule: code,
    severity,
    message,
    why: hint,
    rewrite: undefined,
    fix: [],
    revision: undefined,
    file: files[0] ?? '',
    line: line ?? 1,
    column: column ?? 1,
    excerpt: excerpt ?? '',
  };
}

function refuse({ items, revisions }: LintAnswer, problems: readonly FileProblem[]): void {
  const [first] = problems;
  if (first !== undefined) {
    throw new RevisionFileError(
      first.code,
      `${counted(problems.length, 'file')} cannot be linted`,
      { hint: problems.length === 1 ? first.hint : `The first: ${first.hint ?? first.message}` },
    );
  }
  const errors = countOf(items, 'error');
  if (errors === 0) return;
  throw new CheckFailed(
    'SLIPWAY_LINT_FINDINGS',
    `${counted(errors, 'error')} in ${counted(revisions, 'revision')}`,
    {
      hint: 'Correct them, or say why it is meant: "-- slipway:ignore <rule> <reason>" above the statement.',
    },
  );
}

function listRules({ edge }: RunContext, active: readonly ActiveRule[], asJson: boolean): void {
  const rows = RULES.map((rule) => ({
    id: rule.id,
    severity: active.find((each) => each.rule === rule)?.severity ?? 'off',
    title: rule.title,
    covers: rule.covers,
  }));
  if (asJson) {
    edge.print(`${JSON.stringify(rows)}\n`);
    return;
  }
  edge.print(
    table(
      ['RULE', 'SEVERITY', 'FINDS'],
      rows.map(({ id, severity, title }) => [id, severity, title]),
      { colour: wantsColour(edge, edge.stdoutIsTerminal) },
    ),
  );
}

/** The pages of the rules of `slipway lint`, and what they cover of other linters. */

import type { Rule } from '../../src/lint/rule.ts';
import { ruleMarkdown } from '../../src/lint/rule-page.ts';
import { RULES } from '../../src/lint/rules.ts';
import { RULE_LISTS, type RuleList } from './lint-lists.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/lint.md`. */
export function lintPage(): string {
  return page('Rules of slipway lint', [
    'How to use them is in [the guide](../guides/lint.md); which rules of other linters they cover in [a page of its own](lint-coverage.md). `slipway explain RULE` prints what is said here.',
    'A finding of severity `error` ends `slipway lint` with exit 15. Rules that are `off` are matters of taste: switch them on with `--rule` or `SLIPWAY_LINT_RULES`. What a release has created itself is never found fault with, since nobody waits for it.',
    table(
      ['rule', 'severity', 'finds'],
      RULES.map(({ id, severity, title }) => [`[\`${id}\`](#${id})`, severity, title]),
    ),
    ...RULES.flatMap(rulePage),
  ]);
}

function rulePage(rule: Rule): readonly string[] {
  const { id, severity, title, covers } = rule;
  return [
    `## ${id}`,
    `Severity: ${code(severity)}. ${sentence(title)}`,
    ruleMarkdown(rule),
    ...(covers.length === 0 ? [] : [`Covers ${covers.map(inWords).join(', ')}.`]),
    `Where it is meant: \`-- slipway:ignore ${id} <reason>\` above the statement or in the header.`,
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `squawk:ban-drop-column` as people read it. */
function inWords(covered: string): string {
  const [list, id] = covered.split(':');
  return `${code(id)} of ${list}`;
}

/** `docs/reference/lint-coverage.md`. */
export function lintCoveragePage(): string {
  return page('What slipway lint covers', [
    'Every rule of squawk, every check of strong_migrations for Postgres and every analyzer of Atlas, with [the rules](lint.md) that cover it here, or why it has no meaning here.',
    ...RULE_LISTS.flatMap(listSection),
  ]);
}

function listSection({ name, title, rules }: RuleList): readonly string[] {
  const covered = rules.filter(({ id }) => coverersOf(name, id).length > 0).length;
  return [
    `## ${title}`,
    `${covered} of ${rules.length} are covered.`,
    table(
      ['theirs', 'finds', 'ours'],
      rules.map(({ id, finds, reason }) => [
        code(id),
        finds,
        coverersOf(name, id)
          .map((ours) => `[\`${ours}\`](lint.md#${ours})`)
          .join(', ') ||
          (reason ?? ''),
      ]),
    ),
  ];
}

/** Our rules that cover one of theirs. */
export function coverersOf(list: RuleList['name'], id: string): readonly string[] {
  return RULES.filter(({ covers }) => covers.includes(`${list}:${id}`)).map((rule) => rule.id);
}

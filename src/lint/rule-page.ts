/** The page of a rule in Markdown: for the reference, for `explain` and for code scanning services. */

import type { Example, Rule } from './rule.ts';

/** Everything that is said of a rule, without a heading. */
export function ruleMarkdown(rule: Rule): string {
  return [
    rule.why.trim(),
    ...rule.examples.flatMap(exampleParts),
    ...(rule.instead === undefined ? [] : [rule.instead.trim()]),
  ].join('\n\n');
}

function exampleParts({ bad, good }: Example): readonly string[] {
  return ['Not:', sqlBlock(bad), 'Instead:', sqlBlock(good)];
}

function sqlBlock(text: string): string {
  return `\`\`\`sql\n${text.trimEnd()}\n\`\`\``;
}

/** Revisions as a rewrite shows them: what stands below their ids, in the order of deployment. */

import { quoteIdentifier } from '../sql/identifiers.ts';
import { approvalOf } from './breaking.ts';
import type { LintedStatement } from './rule.ts';

/** A revision of a rewrite. */
export interface RevisionStep {
  /** When it runs, for the line above it. */
  readonly when: string;
  /** Its directives without their prefix: `phase contract`. */
  readonly header: readonly string[];
  /** Statements with their semicolons. */
  readonly up: string;
  readonly verify?: string;
  /** Left out where the header says `irreversible`. */
  readonly down?: string;
}

/** When an expand revision runs. */
export const BEFORE_ROLLOUT = 'before the rollout';
/** When a contract revision runs. */
export const AFTER_ROLLOUT = 'once no pod of the previous release is left';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** The revisions below each other, each under a line that says when it runs. */
export function revisionSteps(steps: readonly RevisionStep[]): string {
  const title = (index: number) =>
    steps.length === 1 ? 'in a revision of its own,' : `${ORDINALS[index] ?? 'next'} revision:`;
  return steps
    .map((step, index) =>
      [
        `-- ${title(index)} ${step.when}`,
        ...step.header.map((line) => `-- slipway:${line}`),
        ...section('up', step.up),
        ...section('verify', step.verify),
        ...section('down', step.down),
      ].join('\n'),
    )
    .join('\n\n');
}

function section(name: string, sql: string | undefined): readonly string[] {
  return sql === undefined ? [] : ['', `-- slipway:${name}`, ...(sql === '' ? [] : [sql])];
}

/** What a contract revision for a statement of this file says. */
interface Contract {
  /** What runs, where it is less than the whole statement. */
  readonly up?: string;
  /** Whether data goes with it. */
  readonly losesData: boolean;
  /** What takes it back, where the file's own down section is about more than this statement. */
  readonly down: string;
}

/** The same statement in a contract revision. */
export function inContract(
  { revision, section, statement, before }: LintedStatement,
  { up, losesData, down }: Contract,
): string {
  const own = revision.down?.text.trim() ?? '';
  const isAlone =
    section === 'up' &&
    before.length === 0 &&
    revision.up.text.trim().replace(/;$/, '').endsWith(statement.text);
  const isIrreversible = revision.irreversible !== undefined;
  return revisionSteps([
    {
      when: AFTER_ROLLOUT,
      header: [
        'phase contract',
        ...(revision.transaction === 'none' ? ['transaction none'] : []),
        ...(losesData
          ? [`approve data-loss ${approvalOf(revision, 'data-loss') ?? WHY_DATA_MAY_GO}`]
          : []),
        ...(isIrreversible ? [`irreversible ${revision.irreversible}`] : []),
      ],
      up: up ?? `${statement.text};`,
      ...(isIrreversible ? {} : { down: isAlone && own !== '' ? own : down }),
    },
  ]);
}

/** What stands for the reason of an approval, which only a person knows. */
export const WHY_DATA_MAY_GO = '<why the data may go>';

/** A name as SQL: in quotes only where it needs them. */
export function nameSql(parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join('.');
}

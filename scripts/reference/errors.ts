/** The page of error codes and exit codes. */

import { ERROR_PAGES } from '../../src/cli/error-pages.ts';
import { ERROR_CODES, type ErrorCode, EXIT, type ExitCode } from '../../src/core/errors.ts';
import { page, prose, table } from './markdown.ts';

interface ExitMeaning {
  readonly meaning: string;
  /** What slipway itself does before it ends with this code. */
  readonly retried: string;
}

const NEVER = 'no';

const EXITS: { readonly [E in ExitCode]: ExitMeaning } = {
  0: { meaning: 'done, nothing to do, or the database is ahead and compatible', retried: '' },
  10: { meaning: 'usage or configuration', retried: NEVER },
  11: { meaning: 'revisions invalid, or the histories diverged', retried: NEVER },
  12: { meaning: 'a statement failed', retried: NEVER },
  13: { meaning: 'refused by policy', retried: NEVER },
  14: { meaning: 'the database is ahead and not compatible', retried: NEVER },
  15: { meaning: 'a check says no', retried: NEVER },
  16: { meaning: 'data loss needs approval', retried: NEVER },
  17: { meaning: 'a privilege is missing', retried: NEVER },
  20: { meaning: 'cannot connect', retried: 'connecting: for `--connect-timeout`' },
  21: {
    meaning: 'authentication failed, or no such database',
    retried: 'no; but once with a fresh password, where a file or a command gives it',
  },
  22: {
    meaning: 'the migration lock is held, or the schema did not become ready',
    retried: 'for `--lock-wait`, or `--timeout` of `wait`',
  },
  23: { meaning: "a table's lock could not be had", retried: '`--lock-retries` times' },
  24: { meaning: 'interrupted, nothing half done', retried: NEVER },
  25: { meaning: 'read-only, or a standby', retried: 'connecting: for `--connect-timeout`' },
  30: { meaning: 'half applied, a person has to look', retried: NEVER },
  70: { meaning: 'a bug in slipway', retried: NEVER },
};

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[];
const EXIT_CODES = [...Object.values(EXIT)].sort((a, b) => a - b);

/** `docs/reference/errors.md`. */
export function errorsPage(): string {
  return page('Errors and exit codes', [
    'Every failure has a code, `SLIPWAY_…`, and every code one exit code. Both are stable: they are never renamed and never reused. `slipway explain CODE` prints the same text as this page.',
    '## Exit codes',
    table(
      ['exit', 'means', 'another run', 'slipway tries again by itself'],
      EXIT_CODES.map((exit) => [
        String(exit),
        EXITS[exit].meaning,
        anotherRun(exit),
        EXITS[exit].retried,
      ]),
    ),
    'Codes from 128 up are signals: 137 is `kill -9`, often for want of memory. 143 and 130 are a second SIGTERM or SIGINT, which ends slipway at once.',
    '### In a Job',
    'Fail the Job at once on what another run cannot mend, and let Kubernetes try again on the rest:',
    `\`\`\`yaml\n${podFailurePolicy()}\n\`\`\``,
    '`podFailurePolicy` needs `restartPolicy: Never`. In an init container there is no such policy: Kubernetes restarts it with growing pauses, and each try costs one connection.',
    ...EXIT_CODES.filter((exit) => exit !== EXIT.ok).flatMap(exitSection),
  ]);
}

function exitSection(exit: ExitCode): readonly string[] {
  const codes = CODES.filter((each) => ERROR_CODES[each].exit === exit);
  return [`## Exit ${exit}: ${EXITS[exit].meaning}`, ...codes.flatMap(codeSection)];
}

function codeSection(each: ErrorCode): readonly string[] {
  const { meaning, steps } = ERROR_PAGES[each];
  return [
    `### ${each}`,
    prose(meaning),
    ['What to do:', '', ...steps.map((step) => `- ${prose(step)}`)].join('\n'),
  ];
}

function anotherRun(exit: ExitCode): string {
  if (exit === EXIT.ok) return '';
  return isTransient(exit) ? 'may succeed' : 'does not help';
}

function isTransient(exit: ExitCode): boolean {
  return CODES.some((each) => ERROR_CODES[each].exit === exit && ERROR_CODES[each].transient);
}

function podFailurePolicy(): string {
  const permanent = EXIT_CODES.filter((exit) => exit !== EXIT.ok && !isTransient(exit));
  return [
    'podFailurePolicy:',
    '  rules:',
    '    - action: FailJob',
    '      onExitCodes:',
    '        containerName: migrate',
    '        operator: In',
    `        values: [${permanent.join(', ')}]`,
    '    - action: Ignore',
    '      onPodConditions:',
    '        - type: DisruptionTarget',
  ].join('\n');
}

/** The rule about limits that are switched off. */

import { type Body, bodyOf, descendants, stringsOf } from '../../analysis/tree.ts';
import { scanSql } from '../../sql/lexer.ts';
import type { LintedStatement, Problem, Rule } from '../rule.ts';

const LIMITS = new Set([
  'lock_timeout',
  'statement_timeout',
  'transaction_timeout',
  'idle_in_transaction_session_timeout',
]);

/** `timeout-off`. */
export const TIMEOUT_OFF: Rule = {
  id: 'timeout-off',
  severity: 'warning',
  title: 'a limit on waiting that is switched off',
  why: `A statement that waits for a lock makes everybody wait who comes after it. slipway sets \`lock_timeout\` for every revision by itself (3 seconds, \`--lock-timeout\`), gives up when it is over, lets the others pass, says who was in the way, and tries again. So no revision needs to set a timeout, and none should take it away: without one it queues for as long as the longest query runs, and the application with it.

A \`set\` without \`local\` also outlives the statement it was meant for.`,
  instead: `Where a revision needs longer, say how long in its header: \`lock-timeout 10s\`, \`statement-timeout 30min\`.`,
  examples: [
    {
      bad: `set lock_timeout = 0;
alter table orders add column note text;`,
      good: `-- slipway:revision r2
-- slipway:revises r1
-- slipway:lock-timeout 10s
-- Orders have a note

-- slipway:up
alter table orders add column note text;

-- slipway:down
alter table orders drop column note;`,
    },
  ],
  covers: [
    'squawk:require-lock-timeout',
    'squawk:require-statement-timeout',
    'squawk:require-timeout-settings',
  ],
  statement(linted) {
    const name = switchedOff(linted);
    if (name === undefined) return [];
    const key = name === 'lock_timeout' ? 'lock-timeout 10s' : 'statement-timeout 30min';
    return [
      {
        message: `${name} is switched off`,
        why: `From here on the revision waits as long as it takes, and who comes after it waits behind it. Say in the header how long it may take.`,
        rewrite: `-- slipway:${key}`,
      },
    ];
  },
  revision({ revision }) {
    const { lockTimeoutMs, statementTimeoutMs, source } = revision;
    const place = (key: string): Pick<Problem, 'at'> => {
      for (const token of scanSql(source)) {
        if (token.kind !== 'line-comment' || token.start >= revision.up.offset) break;
        const at = source.indexOf(key, token.start);
        if (at !== -1 && at < token.end) return { at };
      }
      return {};
    };
    const off = (key: string, ms: number | undefined): readonly Problem[] =>
      ms === 0
        ? [
            {
              message: `the header switches ${key} off`,
              ...place(key),
              why: 'The revision waits as long as it takes, and who comes after it waits behind it. Say how long it may take.',
              rewrite: `-- slipway:${key} ${key === 'lock-timeout' ? '10s' : '30min'}`,
            },
          ]
        : [];
    return [...off('lock-timeout', lockTimeoutMs), ...off('statement-timeout', statementTimeoutMs)];
  },
};

/** The limit that a statement switches off: by zero, or by going back to what the server has, which is none. */
function switchedOff({ node }: LintedStatement): string | undefined {
  const set = bodyOf(node, 'VariableSetStmt');
  if (set !== undefined) {
    const [value] = set.args ?? [];
    const isOff =
      set.kind === 'VAR_SET_VALUE' ? isZero(bodyOf(value, 'A_Const')) : isReset(set.kind);
    return isOff && LIMITS.has(set.name ?? '') ? set.name : undefined;
  }
  for (const { funcname, args } of descendants(bodyOf(node, 'SelectStmt'), 'FuncCall')) {
    const [name, value] = (args ?? []).map((each) => bodyOf(each, 'A_Const'));
    const limit = name?.sval?.sval ?? '';
    const isCall = stringsOf(funcname).at(-1) === 'set_config' && LIMITS.has(limit);
    if (isCall && isZero(value)) return limit;
  }
  return undefined;
}

function isReset(kind: string | undefined): boolean {
  return kind === 'VAR_RESET' || kind === 'VAR_SET_DEFAULT';
}

/** `0`, or a text such as `'0'` or `'0ms'`. */
function isZero(value: Body<'A_Const'> | undefined): boolean {
  if (value?.ival !== undefined) return (value.ival.ival ?? 0) === 0;
  return value?.sval !== undefined && /^\s*0+\s*[a-z]*\s*$/.test(value.sval.sval ?? '');
}

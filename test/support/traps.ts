/** Points of a run at which a test lets something happen. */

/** What can be trapped; the subject is the statement, the journal's state or the record's kind. */
export type Operation =
  | 'prepare'
  | 'list'
  | 'audit'
  | 'statement'
  | 'outside'
  | 'record'
  | 'commit'
  | 'journal'
  | 'release'
  | 'reopen';

/** Does something at a point of a run; what `act` throws is what the database says there. */
export interface Trap {
  readonly operation: Operation;
  readonly when?: 'before' | 'after';
  readonly match?: RegExp;
  /** How often it goes off: once by default. */
  readonly times?: number;
  readonly act: () => void | Promise<void>;
}

/** Traps that are armed and go off. */
export function traps(): {
  readonly arm: (trap: Trap) => void;
  readonly spring: (
    operation: Operation,
    when: 'before' | 'after',
    subject: string,
  ) => Promise<void>;
} {
  const armed: { readonly trap: Trap; left: number }[] = [];
  return {
    arm: (trap) => {
      armed.push({ trap, left: trap.times ?? 1 });
    },
    async spring(operation, when, subject) {
      for (const each of armed) {
        const { trap } = each;
        if (each.left === 0 || trap.operation !== operation) continue;
        if ((trap.when ?? 'before') !== when || !(trap.match ?? /^/).test(subject)) continue;
        each.left--;
        await trap.act();
      }
    },
  };
}

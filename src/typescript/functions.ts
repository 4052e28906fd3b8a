/** A revision's functions, such that they answer what the runner expects. */

import type { RevisionProgram } from '../core/program.ts';

/** A function of which nothing is known. */
export type AnyFunction = (...args: readonly unknown[]) => unknown;

/** The functions of a program. */
export type Functions = Pick<RevisionProgram, 'up' | 'verify' | 'down'>;

/** The functions of a definition, whatever a file's own types let pass. */
export function functionsOf(definition: {
  readonly up: AnyFunction;
  readonly verify?: AnyFunction | undefined;
  readonly down?: AnyFunction | undefined;
}): Functions {
  const { up, verify, down } = definition;
  return {
    up: async (db) => {
      await up(db);
    },
    verify:
      verify &&
      (async (db) => {
        const answer = await verify(db);
        if (answer === undefined || typeof answer === 'boolean') return answer;
        throw new TypeError('verify must answer true, false or nothing');
      }),
    down:
      down &&
      (async (db) => {
        await down(db);
      }),
  };
}

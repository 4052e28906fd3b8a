/** Where the list of targets comes from, as the command line says it. Light: every upgrade asks. */

import { UsageError } from '../core/errors.ts';
import type { CommandOptions } from './command-spec.ts';

/** A list of targets that is still to be read. */
export type FleetSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'sql'; readonly query: string };

/** Settings that say something about a fleet only, as flags. */
const FLEET_FLAGS = ['concurrency', 'canary', 'maxFailures', 'shard', 'report', 'resume'];

/**
 * Reads `--targets` and `--targets-sql`; undefined where the command is about one database.
 * @throws UsageError
 */
export function fleetSource(options: CommandOptions): FleetSource | undefined {
  const { targets, targetsSql } = options;
  if (targets !== undefined && targetsSql !== undefined) {
    throw new UsageError('SLIPWAY_USAGE', '--targets and --targets-sql exclude each other', {
      hint: 'Name one list of targets.',
    });
  }
  if (typeof targets === 'string') return { kind: 'file', path: targets };
  if (typeof targetsSql === 'string') return { kind: 'sql', query: targetsSql };
  const stray = FLEET_FLAGS.find((name) => options[name] !== undefined);
  if (stray === undefined) return undefined;
  const flag = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError('SLIPWAY_USAGE', `--${flag} needs --targets or --targets-sql`, {
    hint: 'It is about many databases or schemas: name the list of them.',
  });
}

/** What `import … from 'slipway'` gives: the types of TypeScript revisions and of the config file. */

import type { SlipwayConfig } from './config/config-type.ts';
import type { RevisionDefinition } from './typescript/definition.ts';

export type { SlipwayConfig } from './config/config-type.ts';
export type { QueryResult, RevisionDatabase } from './core/program.ts';
export type {
  AcceptedFinding,
  AcceptedHazard,
  RevisionDefinition,
} from './typescript/definition.ts';

/**
 * Defines a revision in TypeScript: a file of the revision folder with this as its default export.
 * Returns its argument; it is there for the editor.
 *
 * @example
 * ```ts
 * import { defineRevision } from 'slipway';
 *
 * export default defineRevision({
 *   revision: '3f2a9c41d7e0',
 *   revises: '1b7e6a90c2f4',
 *   description: 'Add phone to users',
 *   up: async (db) => {
 *     await db.query('alter table users add column phone text');
 *   },
 *   down: async (db) => {
 *     await db.query('alter table users drop column phone');
 *   },
 * });
 * ```
 */
export function defineRevision(definition: RevisionDefinition): RevisionDefinition {
  return definition;
}

/**
 * Defines the settings of `slipway.config.ts`, as its default export. Returns its argument; it is
 * there for the editor.
 *
 * @example
 * ```ts
 * import { defineConfig } from 'slipway';
 *
 * export default defineConfig({ dir: 'db/migrations', lockWait: '10m' });
 * ```
 */
export function defineConfig(config: SlipwayConfig): SlipwayConfig {
  return config;
}

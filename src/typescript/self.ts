/** What `import … from 'slipway'` gives to revisions and config files, installed or not. */

import { registerHooks } from 'node:module';

/** The name under which projects import slipway. */
export const SELF = 'slipway';

/** The module of that name: `src/index.ts` without its types. */
export const SELF_SOURCE = [
  'export const defineRevision = (definition) => definition;',
  'export const defineConfig = (config) => config;',
  '',
].join('\n');

const SELF_URL = 'slipway:self';

let isProvided = false;

/** From now on, `slipway` can be imported in this process, by `import` and by `require`. */
export function provideSelf(): void {
  if (isProvided) return;
  isProvided = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === SELF
        ? { url: SELF_URL, format: 'module', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      // A loader between may put a query of its own behind the address.
      url.startsWith(SELF_URL)
        ? { format: 'module', source: SELF_SOURCE, shortCircuit: true }
        : next(url, context),
  });
}

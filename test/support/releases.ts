/** Releases of a project as images have them: bundles, of which the old ones know nothing of what came later. */

import type { Outcome } from './cli.ts';
import type { Place, RevisionSpec } from './projects.ts';

/** One release: what its image is started with. */
export interface BuiltRelease {
  readonly name: string;
  /** Settings of its pods; `POD_NAME` and more can be added. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the program as a pod of this release does. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** The same, and expects it to succeed. */
  succeed(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
}

/** Adds `revisions` to the project and builds its release. */
export async function buildRelease(
  place: Place,
  name: string,
  revisions: readonly RevisionSpec[],
): Promise<BuiltRelease> {
  await place.project.add(...revisions);
  const bundle = place.project.path(`${name}.bundle`);
  await place.succeed(['build', '--out', bundle]);
  const env = {
    SLIPWAY_BUNDLE: bundle,
    SLIPWAY_RELEASE: name,
    POD_NAME: `shop-${name}`,
    POD_NAMESPACE: 'shop',
  };
  return {
    name,
    env,
    run: (args, more) => place.run(args, { env: { ...env, ...more } }),
    succeed: (args, more) => place.succeed(args, { env: { ...env, ...more } }),
  };
}

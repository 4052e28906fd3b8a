/** Who this pod is, as the Downward API says; no rights and no cluster needed. */

import type { Provenance } from '../core/applied.ts';

/** What the edge read from the environment. */
export interface PodEnvironment {
  readonly podName: string | undefined;
  readonly podNamespace: string | undefined;
  readonly nodeName: string | undefined;
  readonly image: string | undefined;
  readonly release: string | undefined;
}

/** Provenance of what this process changes. */
export function provenanceOf(pod: PodEnvironment, version: string): Provenance {
  return {
    pod: pod.podName,
    namespace: pod.podName === undefined ? undefined : (pod.podNamespace ?? 'default'),
    node: pod.nodeName,
    image: pod.image,
    release: pod.release,
    version,
  };
}

/**
 * The session's `application_name`: `slipway/<namespace>/<pod>` in a pod, so that whoever waits for
 * this one can say its name; `slipway/<user>@<host>` elsewhere.
 */
export function applicationName(
  pod: PodEnvironment,
  machine: { readonly user: string | undefined; readonly host: string },
): string {
  if (pod.podName !== undefined) {
    return `slipway/${pod.podNamespace ?? 'default'}/${pod.podName}`;
  }
  return `slipway/${machine.user ?? 'unknown'}@${machine.host}`;
}

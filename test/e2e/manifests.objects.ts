/** Manifests as objects: what kustomize renders of `k8s/`, and the few fields that tests look at. */

import { join } from 'node:path';
import { output } from '../support/podman.ts';

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
}

/** What the tests look at in a container. */
export interface ContainerObject {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly securityContext?: SecurityContext;
  readonly resources?: unknown;
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

/** What the tests look at in a pod. */
export interface PodObject {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: SecurityContext;
  readonly initContainers?: readonly ContainerObject[];
  readonly containers: readonly ContainerObject[];
  readonly volumes?: readonly { readonly name: string }[];
}

/** What the tests look at in any object. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly rules?: readonly unknown[];
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly completions?: number;
    readonly template?: { readonly spec: PodObject };
    readonly podFailurePolicy?: {
      readonly rules: readonly {
        readonly action: string;
        readonly onExitCodes?: { readonly values: readonly number[] };
      }[];
    };
  };
}

/** What `kubectl kustomize` makes of a folder of `k8s/`, as YAML. */
export function renderOverlay(folder: string): Promise<string> {
  return output('kubectl', ['kustomize', join(import.meta.dirname, '../../k8s', folder)]);
}

/** Reads rendered YAML. kubectl does so without a cluster as long as it only changes a label. */
export async function toObjects(rendered: string): Promise<readonly KubernetesObject[]> {
  const args = ['label', '--local', '--output=json', '--filename=-', 'rendered=yes'];
  const stream = await output('kubectl', args, rendered);
  return JSON.parse(`[${stream.trim().replaceAll(/^\}\n\{/gm, '},{')}]`);
}

/** The pod specs among the objects: of workloads, and of bare pods. */
export function podSpecs(objects: readonly KubernetesObject[]): readonly PodObject[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [object.spec as PodObject];
    return object.spec?.template === undefined ? [] : [object.spec.template.spec];
  });
}

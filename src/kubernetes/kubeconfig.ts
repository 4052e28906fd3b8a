/**
 * Where the cluster is and how to speak to it: what `KUBECONFIG` names, the files that a service
 * account mounts into a pod, or `~/.kube/config`, in this order.
 */

import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** What the edge read from the environment. */
export interface ClusterEnvironment {
  /** `KUBECONFIG`: files, the first of which has the current context. */
  readonly kubeconfig: string | undefined;
  /** `KUBERNETES_SERVICE_HOST` and `_PORT`, which the kubelet sets. */
  readonly serviceHost: string | undefined;
  readonly servicePort: string | undefined;
  readonly homeDir: string | undefined;
  /** Folder of the service account's files; the usual one where left out. */
  readonly serviceAccount?: string;
}

/** kubernetes.io, "Accessing the Kubernetes API from a Pod". */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The configuration, or why there is none, in words. */
export function readKubeconfig(environment: ClusterEnvironment): KubeConfig | string {
  const { kubeconfig, homeDir } = environment;
  if (kubeconfig !== undefined && kubeconfig !== '') {
    return fromFiles(kubeconfig.split(delimiter).filter((file) => file !== ''));
  }
  const inside = fromServiceAccount(environment);
  if (inside !== undefined) return inside;
  const file = homeDir === undefined ? undefined : join(homeDir, '.kube', 'config');
  if (file !== undefined && existsSync(file)) return fromFiles([file]);
  return environment.serviceHost === undefined
    ? 'there is no cluster to ask: this is no pod, and there is no kubeconfig'
    : 'no service account token is mounted in this container';
}

function fromFiles(files: readonly string[]): KubeConfig | string {
  const whole = new KubeConfig();
  for (const [index, file] of files.entries()) {
    try {
      const one = new KubeConfig();
      one.loadFromFile(file);
      if (index === 0) whole.loadFromOptions(one);
      else whole.mergeConfig(one, true);
    } catch (error) {
      // Its own words may repeat what stands in the file.
      return `kubeconfig ${file} cannot be read${codeIn(error)}`;
    }
  }
  if (whole.getCurrentCluster() === null || whole.getCurrentUser() === null) {
    return `kubeconfig ${files.join(delimiter)} has no usable current context`;
  }
  return whole;
}

function codeIn(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `: ${code}` : '';
}

/** Undefined where the files are not there. The token is read again now and then: it is renewed. */
function fromServiceAccount(environment: ClusterEnvironment): KubeConfig | undefined {
  const { serviceHost: host, servicePort: port = '443' } = environment;
  const folder = environment.serviceAccount ?? SERVICE_ACCOUNT;
  const tokenFile = join(folder, 'token');
  if (host === undefined || !existsSync(tokenFile)) return undefined;
  const config = new KubeConfig();
  const name = 'in-cluster';
  config.loadFromOptions({
    clusters: [
      {
        name,
        caFile: join(folder, 'ca.crt'),
        server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
        skipTLSVerify: false,
      },
    ],
    users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile } } }],
    contexts: [{ name, cluster: name, user: name, namespace: namespaceIn(folder) }],
    currentContext: name,
  });
  return config;
}

function namespaceIn(folder: string): string | undefined {
  const file = join(folder, 'namespace');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The namespace that the current context names. */
export function namespaceOf(config: KubeConfig): string | undefined {
  return config.getContextObject(config.getCurrentContext())?.namespace;
}

/** The pods of the shipped manifests, changed only where podman is not Kubernetes. */

import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Outcome,
  randomName,
  run,
  type TemporaryFolder,
  temporaryFolder,
} from '../support/podman.ts';
import { query } from '../support/postgres.ts';
import { type ContainerObject, podSpecs, renderOverlay, toObjects } from './manifests.objects.ts';

const mountPath = '/run/slipway';

/** What the Downward API would say; podman knows a part of it only. */
const downward: Readonly<Record<string, string>> = {
  'metadata.name': 'shop-6b7f9-x2x4z',
  'metadata.namespace': 'shop',
  'metadata.uid': '8a4d3c1e-0000-4000-8000-5b6f7a8c9d0e',
  "metadata.labels['pod-template-hash']": '6b7f9',
  'spec.nodeName': 'node-1',
};

const VERSION = "metadata.labels['app.kubernetes.io/version']";

/** What a pod gets from outside: the connection string as a file, and a termination log to write. */
export async function sharedFolder(url: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await writeFile(join(folder.path, 'url'), url);
  await writeFile(join(folder.path, 'termination-log'), '');
  await chmod(join(folder.path, 'termination-log'), 0o666);
  return folder;
}

/** The application's role, with the rights that `k8s/worker` names, and none before `grant`. */
export async function createReader(url: string) {
  const name = randomName().replaceAll('-', '_');
  await query(url, `create role ${name} login password 'reader'`);
  const own = new URL(url);
  own.username = name;
  own.password = 'reader';
  return {
    url: own.href,
    grant: async () => {
      await query(url, `grant usage on schema slipway to ${name}`);
      await query(url, `grant select on all tables in schema slipway to ${name}`);
    },
    [Symbol.asyncDispose]: async () => {
      await query(url, `drop owned by ${name}`);
      await query(url, `drop role ${name}`);
    },
  };
}

/**
 * The pod of a workload in `k8s/`. Secrets become a folder of the host, the Downward API's values
 * are filled in, probes go, and the termination log is a file that podman lets an unprivileged user
 * write.
 */
export async function shippedPod(
  folder: string,
  image: string,
  shared: TemporaryFolder,
  version = '1.0.0',
) {
  const [spec] = podSpecs(await toObjects(await renderOverlay(folder)));
  if (spec === undefined) throw new Error(`k8s/${folder} has no workload`);
  const host = { hostPath: { path: shared.path, type: 'Directory' } };
  const adapt = (container: ContainerObject) => adaptContainer(container, image, version);
  return {
    ...spec,
    restartPolicy: 'Never',
    initContainers: (spec.initContainers ?? []).map(adapt),
    containers: spec.containers.map(adapt),
    volumes: [
      ...(spec.volumes ?? []).map((volume) =>
        'secret' in volume ? { name: volume.name, ...host } : volume,
      ),
      { name: 'termination', ...host },
    ],
  };
}

function adaptContainer(container: ContainerObject, image: string, version: string) {
  const runsSlipway = container.command?.some((word) => word.endsWith('slipway.cjs')) === true;
  const { name, command, env = [], volumeMounts = [], securityContext, resources } = container;
  return {
    name,
    image,
    imagePullPolicy: 'Never',
    command: runsSlipway ? command : ['node', '/app/server.js'],
    env: [
      ...env.map((each) => resolve(each, version)),
      { name: 'SLIPWAY_TERMINATION_LOG', value: `${mountPath}/termination-log` },
    ],
    volumeMounts: [...volumeMounts, { name: 'termination', mountPath }],
    securityContext,
    resources,
  };
}

function resolve(
  { name, value, valueFrom }: NonNullable<ContainerObject['env']>[number],
  version: string,
) {
  const path = valueFrom?.fieldRef.fieldPath;
  if (path === undefined) return { name, value };
  const resolved = path === VERSION ? version : downward[path];
  if (resolved === undefined) throw new Error(`the Downward API has no ${path}`);
  return { name, value: resolved };
}

/** Runs an image as restricted Pod Security has it, without a pod around it. */
export function restricted(
  image: string,
  shared: TemporaryFolder,
  options: { readonly entrypoint?: string; readonly command?: readonly string[] } = {},
): Promise<Outcome> {
  const { entrypoint, command = [] } = options;
  const security = ['--read-only', '--cap-drop=all', '--security-opt=no-new-privileges'];
  const outside = [
    `--volume=${shared.path}:${mountPath}`,
    `--env=DATABASE_URL_FILE=${mountPath}/url`,
  ];
  const override = entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`];
  const fixed = ['--rm', '--network=host', `--name=${randomName()}`, ...security, ...outside];
  return run('podman', ['run', ...fixed, ...override, image, ...command]);
}

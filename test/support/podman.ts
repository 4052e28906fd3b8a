/** Real containers for tests: which tools there are, images built from a few files, pods played by podman. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Where `.ci/containers.sh` puts tools, podman's settings and schemas. */
const cache =
  process.env['SLIPWAY_CI_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway-ci');

/** Image references that `.ci/containers.sh` leaves behind. */
export const images = {
  base: 'localhost/slipway-base:current',
  files: 'localhost/slipway-test:files',
  shell: 'localhost/slipway-test:shell',
  distroless: 'localhost/slipway-test:distroless',
  example: 'localhost/slipway-test:example',
} as const;

/** How a program ended and what it said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program's path, or undefined where it is neither installed nor in the cache. */
export function findTool(name: string): string | undefined {
  const folders = [join(cache, 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The folder with the API's JSON schemas, as kubeconform wants to be told. */
export function schemaLocation(): string | undefined {
  const folder = join(cache, 'schemas');
  return existsSync(folder) ? join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json') : undefined;
}

/** Names what is missing of the tools and images; says so on the console, because tests are skipped for it. */
export async function findMissing(
  subject: string,
  tools: readonly string[],
  imageNames: readonly string[] = [],
): Promise<readonly string[]> {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (findTool('podman') !== undefined) {
    for (const image of imageNames) {
      if ((await run('podman', ['image', 'exists', image])).code !== 0) missing.push(image);
    }
  }
  if (missing.length > 0) {
    console.warn(`SKIPPED: ${subject}: missing ${missing.join(', ')} (see .ci/containers.sh)`);
  }
  return missing;
}

/** Runs a tool to its end, whatever its exit code. */
export function run(tool: string, args: readonly string[], input?: string): Promise<Outcome> {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`${tool} is not installed`);
  const settings = join(cache, 'containers.conf');
  const env = existsSync(settings) ? { ...process.env, CONTAINERS_CONF: settings } : process.env;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  const child = execFile(path, args, options, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
    resolve({ code, stdout, stderr });
  });
  // A tool may end without having read its input; what it made of that is in its exit code.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input ?? '');
  return promise;
}

/** Runs a tool and answers its standard output; throws with its last words when it fails. */
export async function output(
  tool: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await run(tool, args, input);
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** An image that is removed at the end of its scope. */
export interface TestImage extends AsyncDisposable {
  readonly name: string;
}

/** Builds an image from a Containerfile and the files beside it, given as path → content. */
export async function buildImage(
  containerfile: string,
  files: Readonly<Record<string, string>> = {},
): Promise<TestImage> {
  const name = `localhost/slipway-test:${randomName()}`;
  await using folder = await temporaryFolder();
  for (const [path, content] of Object.entries({ ...files, Containerfile: containerfile })) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  const args = ['build', '--quiet', '--pull=never', '--network=host'];
  await output('podman', [...args, '--tag', name, folder.path]);
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await output('podman', ['rmi', '--force', name]);
    },
  };
}

/** A folder that is removed at the end of its scope. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder that any user may read, as a pod's user has to. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-pod-'));
  await chmod(path, 0o755);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A pod's `spec`; only what is needed here is named, the rest is podman's to judge. */
export interface PodSpec {
  readonly initContainers?: readonly { readonly name: string }[];
  readonly containers: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

/** A pod that is removed at the end of its scope. */
export interface PlayedPod extends AsyncDisposable {
  /** Whether all init containers succeeded, so that the others were started. */
  readonly started: boolean;
  /** Everything the container wrote. */
  logs(container: string): Promise<string>;
  /** Waits for the container's end and answers its exit code. */
  exitCode(container: string): Promise<number>;
  /** The container's state in podman's words: `running`, `exited`, `created`, `configured`. */
  state(container: string): Promise<string>;
  /** Sends SIGTERM, as Kubernetes does when it ends a pod. */
  terminate(container: string): Promise<void>;
}

/** Runs a pod on the host's network, where 127.0.0.1 is the machine that runs the tests. */
export async function playPod(spec: PodSpec): Promise<PlayedPod> {
  const name = randomName();
  // By default podman removes an init container that has ended, and its log with it.
  const annotations = { 'io.podman.annotations.init.container.type': 'always' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec };
  const play = await run('podman', ['kube', 'play', '--network=host', '-'], JSON.stringify(pod));
  const inspect = async (container: string, format: string) =>
    (await output('podman', ['inspect', '--format', format, `${name}-${container}`])).trim();
  const remove = async () => {
    await output('podman', ['pod', 'rm', '--force', '--ignore', '--time=0', name]);
  };
  // When an init container fails, so does `kube play`; anything else is a mistake in the pod.
  const [first] = spec.initContainers ?? [];
  const ran =
    first !== undefined &&
    (await run('podman', ['container', 'exists', `${name}-${first.name}`])).code === 0;
  if (play.code !== 0 && !ran) {
    await remove();
    throw new Error(`podman kube play ended with ${play.code}: ${play.stderr}`);
  }
  return {
    started: play.code === 0,
    logs: async (container) => {
      const { stdout, stderr } = await run('podman', ['logs', `${name}-${container}`]);
      return stdout + stderr;
    },
    exitCode: async (container) => Number(await output('podman', ['wait', `${name}-${container}`])),
    state: (container) => inspect(container, '{{.State.Status}}'),
    terminate: async (container) => {
      await output('podman', ['kill', '--signal=TERM', `${name}-${container}`]);
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** A name of its own for a pod, an image or a container of a test. */
export function randomName(): string {
  return `slipway-${randomBytes(5).toString('hex')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

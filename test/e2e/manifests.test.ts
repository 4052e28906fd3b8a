/** The manifests and the chart: what they render is valid, restricted, and true to the exit codes. */

import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTargetFile } from '../../src/config/fleet-targets.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { findMissing, output, run, schemaLocation, temporaryFolder } from '../support/podman.ts';
import {
  type ContainerObject,
  type KubernetesObject,
  type PodObject,
  podSpecs,
  renderOverlay,
  toObjects,
} from './manifests.objects.ts';

const root = join(import.meta.dirname, '../..');
const chart = join(root, 'helm/slipway');
const overlays = [
  '',
  'init-container',
  'entrypoint',
  'job',
  'fleet',
  'worker',
  'signals',
  'sidecar',
  'sidecar-contract',
];

const required = [
  '--kube-version=1.34.0',
  '--set=image.repository=registry.example.com/shop',
  '--set=image.tag=v1.0.0',
  '--set=database.existingSecret=shop-database-owner',
];
const variants: readonly (readonly [string, readonly string[]])[] = [
  ['a hook', []],
  ['a plain Job', ['--set=job.hook.enabled=false']],
  ['a hook with rights', ['--set=rbac.create=true']],
  ['a plain Job with rights', ['--set=job.hook.enabled=false,rbac.create=true']],
  [
    'every optional value',
    [
      `--set=image.digest=sha256:${'0'.repeat(64)},imagePullSecrets[0].name=pull`,
      '--set=podLabels.team=shop,podAnnotations.note=x,nodeSelector.pool=db,settings.SLIPWAY_LOCK_WAIT=9m',
      '--set=tolerations[0].key=pool,serviceAccount.annotations.role=x,fullnameOverride=migrations',
    ],
  ],
];

const withKubectl = await findMissing('rendering of manifests', ['kubectl', 'kubeconform']);
const noKubectl = (await findMissing('the Job of a fleet', ['kubectl'])).length > 0;
const withHelm = await findMissing('the chart', ['helm', 'kubectl', 'kubeconform']);
if (schemaLocation() === undefined) {
  console.warn('SKIPPED: validation of manifests: missing schemas (see .ci/containers.sh)');
}
const noManifests = withKubectl.length > 0 || schemaLocation() === undefined;
const noChart = withHelm.length > 0 || schemaLocation() === undefined;

describe.skipIf(noManifests)('the manifests in k8s/', () => {
  it('are validated by schemas that know a wrong field', async () => {
    const pod = await renderOverlay('init-container');
    const wrong = pod.replace('terminationMessagePolicy:', 'terminationMessagePolice:');
    expect(wrong).not.toBe(pod);
    expect((await validate(wrong)).stdout).toContain("'terminationMessagePolice' not allowed");
  });

  it.each(overlays)('fit the API: k8s/%s', async (folder) => {
    expect(await validate(await renderOverlay(folder))).toMatchObject({ code: 0 });
  });

  it.each(overlays)('are admitted by restricted Pod Security: k8s/%s', async (folder) => {
    for (const pod of podSpecs(await toObjects(await renderOverlay(folder)))) expectRestricted(pod);
  });

  it.each(overlays)('hand connection strings over as files only: k8s/%s', async (folder) => {
    const rendered = await renderOverlay(folder);
    expect(rendered).not.toMatch(/name: (DATABASE_URL|PGPASSWORD|SLIPWAY_DIRECT_URL)$/m);
    expect(rendered).not.toMatch(/postgres(ql)?:\/\//);
  });

  it('fail a Job at once on every permanent exit code, and on no other', async () => {
    const job = (await toObjects(await renderOverlay('job'))).find(({ kind }) => kind === 'Job');
    expect(failedAtOnce(job)).toEqual(permanentExitCodes());
  });

  it('show the cluster token to slipway alone', async () => {
    const [pod] = podSpecs(await toObjects(await renderOverlay('signals')));
    expect(pod?.automountServiceAccountToken).toBe(false);
    expect(mounts(pod?.initContainers)).toContain('cluster-token');
    expect(mounts(pod?.containers)).not.toContain('cluster-token');
  });

  it('show the owner’s credentials to slipway alone', async () => {
    const [pod] = podSpecs(await toObjects(await renderOverlay('init-container')));
    expect(mounts(pod?.initContainers)).toContain('database-owner');
    expect(mounts(pod?.containers)).not.toContain('database-owner');
  });
});

describe.skipIf(noKubectl)('the Job in k8s/fleet', () => {
  it('fails an index at once on every permanent exit code, and on no other', async () => {
    const job = (await toObjects(await renderOverlay('fleet'))).find(({ kind }) => kind === 'Job');
    expect(failedAtOnce(job, 'FailIndex')).toEqual(permanentExitCodes());
  });

  it('tells slipway of how many parts its index is one, and gives it a list that can be read', async () => {
    const objects = await toObjects(await renderOverlay('fleet'));
    const job = objects.find(({ kind }) => kind === 'Job');
    const [pod] = podSpecs(objects);
    const container = pod?.containers[0];
    const count = container?.env?.find(({ name }) => name === 'JOB_COMPLETION_COUNT')?.value;
    expect(Number(count)).toBe(job?.spec?.completions);
    const list = objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['targets.jsonl'] ?? '';
    expect(readTargetFile('targets.jsonl', list).length).toBeGreaterThan(1);
    const mount = container?.volumeMounts?.find(({ name }) => name === 'targets')?.mountPath;
    expect(container?.command).toContain(`--targets=${mount}/targets.jsonl`);
  });
});

describe('the guide docs/guides/kubernetes.md', () => {
  it('lists every exit code, and whether a retry may help', async () => {
    const guide = await readFile(join(root, 'docs/guides/kubernetes.md'), 'utf8');
    const rows = [...guide.matchAll(/^\| (\d+) +\| .+ \| +(.*?) *\|$/gm)];
    const listed = rows.map(([, code, retry]) => [Number(code), retry]);
    const known = new Map<number, string>([[0, '']]);
    for (const { exit, transient } of Object.values(ERROR_CODES)) {
      known.set(exit, transient ? 'may help' : 'does not help');
    }
    expect(listed).toEqual([...known].toSorted(([a], [b]) => a - b));
  });
});

describe.skipIf(noChart)('the chart helm/slipway', () => {
  it('passes helm lint --strict', async () => {
    expect(await run('helm', ['lint', '--strict', chart])).toMatchObject({ code: 0 });
    expect(await run('helm', ['lint', '--strict', chart, ...required])).toMatchObject({ code: 0 });
  });

  it.each(variants)('fits the API as %s', async (_, args) => {
    expect(await validate(await template(chart, args))).toMatchObject({ code: 0 });
  });

  it.each(variants)('is admitted by restricted Pod Security as %s', async (_, args) => {
    const pods = podSpecs(await toObjects(await template(chart, args)));
    expect(pods).toHaveLength(2);
    for (const pod of pods) expectRestricted(pod);
  });

  it('fails its Job at once on every permanent exit code, and on no other', async () => {
    const job = (await toObjects(await template(chart))).find(({ kind }) => kind === 'Job');
    expect(failedAtOnce(job)).toEqual(permanentExitCodes());
  });

  it('makes what its hook needs before the hook', async () => {
    const objects = await toObjects(await template(chart, ['--set=rbac.create=true']));
    const weight = (kind: string) =>
      Number(
        objects.find((one) => one.kind === kind)?.metadata.annotations?.['helm.sh/hook-weight'],
      );
    for (const kind of ['ServiceAccount', 'Role', 'RoleBinding']) {
      expect(weight(kind)).toBeLessThan(weight('Job'));
    }
  });

  it('names a plain Job after the revision of the release, and keeps it out of hooks', async () => {
    const plain = ['--set=job.hook.enabled=false', '--show-only=templates/job.yaml'];
    const rendered = await template(chart, plain);
    expect(rendered).toMatch(/^ {2}name: shop-slipway-migrate-1$/m);
    expect(rendered).not.toContain('helm.sh/hook');
  });

  it('grants what k8s/signals grants', async () => {
    const rules = (objects: readonly KubernetesObject[]) =>
      objects.find(({ kind }) => kind === 'Role')?.rules;
    const ofChart = rules(await toObjects(await template(chart, ['--set=rbac.create=true'])));
    expect(ofChart).toEqual(rules(await toObjects(await renderOverlay('signals'))));
    expect(ofChart).toHaveLength(5);
  });

  it.each([
    ['an unknown value', ['--set=job.hok.enabled=false'], "'hok' not allowed"],
    ['a hook after the rollout', ['--set=job.hook.events={post-install}'], 'pre-install'],
    ['a connection string as a setting', ['--set=settings.DATABASE_URL=x'], 'DATABASE_URL'],
    ['a tag that YAML made a number', ['--set=image.tag=2'], 'got number, want string'],
    ['no release', ['--set=image.tag='], 'image.tag or image.digest is required'],
    ['no Secret', ['--set=database.existingSecret='], 'database.existingSecret is required'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await run('helm', ['template', 'shop', chart, ...required, ...args]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('is an init container in the chart of an application', async () => {
    await using folder = await temporaryFolder();
    await cp(join(root, 'examples'), join(folder.path, 'examples'), { recursive: true });
    await cp(join(root, 'helm'), join(folder.path, 'helm'), { recursive: true });
    const app = join(folder.path, 'examples/helm-app');
    await output('helm', ['dependency', 'build', app]);
    expect(await run('helm', ['lint', '--strict', app])).toMatchObject({ code: 0 });
    const rendered = await output('helm', ['template', 'shop', app, '--kube-version=1.34.0']);
    expect(await validate(rendered)).toMatchObject({ code: 0 });
    const objects = await toObjects(rendered);
    expect(objects.map(({ kind }) => kind)).toEqual(['Deployment']);
    const [pod] = podSpecs(objects);
    expect(pod?.initContainers?.map(({ name, args }) => [name, args])).toEqual([
      ['slipway', ['upgrade']],
    ]);
    if (pod !== undefined) expectRestricted(pod);
  });
});

function template(folder: string, args: readonly string[] = []): Promise<string> {
  return output('helm', ['template', 'shop', folder, ...required, ...args]);
}

function validate(rendered: string) {
  const schemas = schemaLocation() ?? '';
  return run('kubeconform', ['-strict', '-schema-location', schemas, '-'], rendered);
}

function expectRestricted(pod: PodObject): void {
  expect(pod.automountServiceAccountToken).toBe(false);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    expect({ ...pod.securityContext, ...container.securityContext }).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
  }
}

function mounts(containers: readonly ContainerObject[] | undefined): readonly string[] {
  return (containers ?? []).flatMap((one) => (one.volumeMounts ?? []).map(({ name }) => name));
}

function failedAtOnce(
  job: KubernetesObject | undefined,
  failing = 'FailJob',
): readonly number[] | undefined {
  const rules = job?.spec?.podFailurePolicy?.rules ?? [];
  return rules.find(({ action }) => action === failing)?.onExitCodes?.values;
}

function permanentExitCodes(): readonly number[] {
  const permanent = Object.values(ERROR_CODES).filter(({ transient }) => !transient);
  return [...new Set(permanent.map(({ exit }) => exit))].toSorted((a, b) => a - b);
}

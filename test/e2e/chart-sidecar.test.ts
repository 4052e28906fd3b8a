/** The chart's sidecar in the chart of an application, and that it is the one of k8s/sidecar. */

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMissing, output, run, schemaLocation, temporaryFolder } from '../support/podman.ts';
import { podSpecs, renderOverlay, toObjects } from './manifests.objects.ts';

const root = join(import.meta.dirname, '../..');
const missing = await findMissing('the sidecar of the chart', ['helm', 'kubectl', 'kubeconform']);
const isMissing = missing.length > 0 || schemaLocation() === undefined;

describe.skipIf(isMissing)('the sidecar of the chart', () => {
  it('is a native sidecar with the probes of k8s/sidecar', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['examples', 'helm']) {
      await cp(join(root, name), join(folder.path, name), { recursive: true });
    }
    const app = join(folder.path, 'examples/helm-app');
    const template = join(app, 'templates/deployment.yaml');
    const text = await readFile(template, 'utf8');
    expect(text).toContain('"slipway.initContainer"');
    await writeFile(template, text.replace('"slipway.initContainer"', '"slipway.sidecar"'));
    await output('helm', ['dependency', 'build', app]);
    expect(await run('helm', ['lint', '--strict', app])).toMatchObject({ code: 0 });
    const rendered = await output('helm', ['template', 'shop', app, '--kube-version=1.34.0']);
    const args = ['-strict', '-schema-location', schemaLocation() ?? '', '-'];
    expect(await run('kubeconform', args, rendered)).toMatchObject({ code: 0 });
    const sidecarOf = async (yaml: string) =>
      podSpecs(await toObjects(yaml))[0]?.initContainers?.[0];
    const ofChart = await sidecarOf(rendered);
    const ofManifest = await sidecarOf(await renderOverlay('sidecar'));
    expect(ofChart?.args).toEqual(['serve']);
    for (const field of [
      'restartPolicy',
      'ports',
      'startupProbe',
      'livenessProbe',
      'readinessProbe',
    ]) {
      const valueIn = (container: unknown) => (container as Record<string, unknown>)[field]; // whatever it is
      expect(valueIn(ofManifest), field).toBeDefined();
      expect(valueIn(ofChart), field).toEqual(valueIn(ofManifest));
    }
  });
});

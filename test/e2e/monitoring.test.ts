/** The sidecar's manifests, alerts and dashboard: probes that exist, metrics that exist. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/sidecar/metric-names.ts';
import { findMissing } from '../support/podman.ts';
import { renderOverlay, toObjects } from './manifests.objects.ts';

const root = join(import.meta.dirname, '../..');
const missing = await findMissing('the manifests of the sidecar', ['kubectl']);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Sidecar {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly command: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

/** Names of slipway's metrics in a query, each with what stands in its braces. */
const metricsIn = (query: string): readonly (readonly [string, string])[] =>
  [...query.matchAll(/\b(slipway_[a-z_]+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => [name, labels] as const,
  );

/** What a query names that no sidecar has. */
function unknownIn(query: string): readonly string[] {
  return metricsIn(query).flatMap(([name, labels]) => {
    const metric = Object.entries(METRICS).find(([known]) => known === name)?.[1];
    if (metric === undefined) return [name];
    const allowed: readonly string[] = [...metric.labels, 'namespace', 'pod'];
    const used = [...labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    return used.filter((label) => !allowed.includes(label)).map((label) => `${name}{${label}}`);
  });
}

async function sidecarOf(overlay: string): Promise<Sidecar> {
  const objects = await toObjects(await renderOverlay(overlay));
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  const [container] = deployment?.spec?.template?.spec.initContainers ?? [];
  return container as unknown as Sidecar; // the fields that this file looks at
}

describe.skipIf(missing.length > 0)('the manifests of the sidecar', () => {
  it.each(['sidecar', 'sidecar-contract'])(
    'make it native, and ask what it answers: k8s/%s',
    async (overlay) => {
      const sidecar = await sidecarOf(overlay);
      expect(sidecar.restartPolicy).toBe('Always');
      expect(sidecar.command.at(-1)).toBe('serve');
      expect(sidecar.ports).toMatchObject([{ name: 'metrics', containerPort: 9400 }]);
      const probes = [sidecar.startupProbe, sidecar.livenessProbe, sidecar.readinessProbe];
      expect(probes.map(({ httpGet }) => httpGet)).toEqual(
        ['/startupz', '/livez', '/readyz'].map((path) => ({ path, port: 'metrics' })),
      );
      // The default lock wait and a revision must fit into the time that the startup probe gives.
      const { periodSeconds, failureThreshold } = sidecar.startupProbe;
      expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(600);
    },
  );

  it('contract only where the rights are given', async () => {
    const named = async (overlay: string) =>
      (await sidecarOf(overlay)).env.filter(({ name }) => name === 'SLIPWAY_CONTRACT');
    expect(await named('sidecar')).toEqual([]);
    expect(await named('sidecar-contract')).toEqual([
      { name: 'SLIPWAY_CONTRACT', value: 'after-rollout' },
    ]);
    const objects = await toObjects(await renderOverlay('sidecar-contract'));
    expect(objects.find(({ kind }) => kind === 'Role')?.rules).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: ['apps'], resources: ['replicasets', 'deployments'], verbs: ['get', 'list'] },
    ]);
  });

  it('let Prometheus in, and the application’s users', async () => {
    const objects = await toObjects(await renderOverlay('sidecar'));
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const ports = JSON.stringify(policies).match(/"port":"(http|metrics)"/g);
    expect(ports).toEqual(['"port":"http"', '"port":"metrics"']);
  });
});

describe.skipIf(missing.length > 0)('the monitoring in k8s/monitoring', () => {
  const rulesOf = async (): Promise<readonly Rule[]> => {
    const rendered = await toObjects(await renderOverlay('monitoring'));
    const rule = rendered.find(({ kind }) => kind === 'PrometheusRule');
    const spec = rule?.spec as unknown as
      | { groups: readonly { rules: readonly Rule[] }[] }
      | undefined; // a kind of its own
    return (spec?.groups ?? []).flatMap(({ rules }) => rules);
  };

  it('scrapes the port that the sidecar has', async () => {
    const rendered = await toObjects(await renderOverlay('monitoring'));
    const monitor = rendered.find(({ kind }) => kind === 'PodMonitor');
    expect(monitor?.spec).toMatchObject({
      podMetricsEndpoints: [{ port: 'metrics', path: '/metrics' }],
    });
  });

  it('alerts about metrics that exist, and says what to do about each in the guide', async () => {
    const rules = await rulesOf();
    const guide = await readFile(join(root, 'docs/guides/sidecar.md'), 'utf8');
    expect(rules.length).toBeGreaterThanOrEqual(5);
    for (const rule of rules) {
      expect(metricsIn(rule.expr).length).toBeGreaterThan(0);
      expect(unknownIn(rule.expr)).toEqual([]);
      expect(rule.for).toMatch(/^\d+[mh]$/);
      expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
      expect(rule.annotations.summary).toContain('{{ $labels.pod }}');
      expect(guide).toContain(`\`${rule.alert}\``);
    }
  });

  it('draws metrics that exist, and all of them', async () => {
    const text = await readFile(join(root, 'k8s/monitoring/dashboard.json'), 'utf8');
    const { panels, templating } = JSON.parse(text) as {
      panels: readonly { id: number; title: string; targets: readonly { expr: string }[] }[];
      templating: { list: readonly { name: string }[] };
    }; // Grafana's own format
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries.flatMap(unknownIn)).toEqual([]);
    const drawn = new Set(queries.flatMap((query) => metricsIn(query).map(([name]) => name)));
    const left = Object.keys(METRICS).filter((name) => !drawn.has(name));
    // One state in two forms: the timeline has the other.
    expect(left).toEqual(['slipway_schema_state']);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'pod']);
  });

  it('finds a mistake in a query', () => {
    expect(unknownIn('slipway_schema_redy == 0')).toEqual(['slipway_schema_redy']);
    expect(unknownIn('slipway_schema_ahead{compatibel="true"}')).toEqual([
      'slipway_schema_ahead{compatibel}',
    ]);
  });
});

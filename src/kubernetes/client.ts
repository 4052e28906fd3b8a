/**
 * Questions to the cluster's API: in a time limit, tried again where that may help, and answered by a
 * value or by a trouble in words, never by an error. Configuration, authentication and transport are
 * the official client's; its generated classes for each kind are left out, which are larger than all of
 * slipway. Loaded lazily.
 */

import { setTimeout } from 'node:timers/promises';
import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import {
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  RequestContext,
} from '@kubernetes/client-node/dist/gen/http/http.js';
import type { ClusterTrouble } from '../core/rollout.ts';
import { AnsweredNo, type ApiTrouble, type Question, troubleOf } from './api-trouble.ts';

/** What came of a question. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: ClusterTrouble; readonly reason: string };

/** Questions that share a time limit. */
export interface ClusterQuestions {
  pod(namespace: string, name: string): Promise<Answer<V1Pod>>;
  replicaSet(namespace: string, name: string): Promise<Answer<V1ReplicaSet>>;
  deployment(namespace: string, name: string): Promise<Answer<V1Deployment>>;
  replicaSets(namespace: string, labelSelector: string): Promise<Answer<readonly V1ReplicaSet[]>>;
  pods(namespace: string, labelSelector: string): Promise<Answer<readonly V1Pod[]>>;
}

export interface Cluster {
  /** Questions that all together take no longer than `limitMs`. */
  within(limitMs: number, stop: AbortSignal): ClusterQuestions;
}

/** The cluster that `config` names. */
export function openCluster(config: KubeConfig): Cluster {
  const server = (config.getCurrentCluster()?.server ?? '').replace(/\/$/, '');
  const transport = new IsomorphicFetchHttpLibrary();
  let dispatcher: ReturnType<RequestContext['getDispatcher']>;

  async function get<T>(path: string, signal: AbortSignal): Promise<T> {
    const request = new RequestContext(`${server}${path}`, HttpMethod.GET);
    request.setHeaderParam('Accept', 'application/json');
    await config.applySecurityAuthentication(request);
    // The client makes one for each request, each with a connection of its own.
    dispatcher ??= request.getDispatcher();
    if (dispatcher !== undefined) request.setDispatcher(dispatcher);
    request.setSignal(signal);
    const response = await transport.send(request).toPromise();
    const { httpStatusCode: status, headers } = response;
    // Read in any case: only then the connection is free again.
    const text = await response.body.text();
    if (status !== 200) throw new AnsweredNo(status, headers['retry-after']);
    const value: unknown = JSON.parse(text, readTimes);
    if (typeof value !== 'object' || value === null) throw new SyntaxError('not an object');
    return value as T; // the API's schema says so, and readers expect any field to be missing
  }

  return {
    within(limitMs, stop) {
      const deadline = performance.now() + limitMs;
      const ask = <T>(question: Question, query = ''): Promise<Answer<T>> =>
        untilAnswered({ ...question, server }, { deadline, limitMs, stop }, (signal) =>
          get<T>(`${pathOf(question)}${query}`, signal),
        );
      const list = async <T>(
        resource: Question['resource'],
        namespace: string,
        labelSelector: string,
      ): Promise<Answer<readonly T[]>> => {
        const query = `?labelSelector=${encodeURIComponent(labelSelector)}`;
        const answer = await ask<{ readonly items?: readonly T[] }>(
          { verb: 'list', resource, namespace },
          query,
        );
        return answer.ok ? { ok: true, value: answer.value.items ?? [] } : answer;
      };
      return {
        pod: (namespace, name) => ask({ verb: 'get', resource: 'pods', namespace, name }),
        replicaSet: (namespace, name) =>
          ask({ verb: 'get', resource: 'replicasets', namespace, name }),
        deployment: (namespace, name) =>
          ask({ verb: 'get', resource: 'deployments', namespace, name }),
        replicaSets: (namespace, selector) => list('replicasets', namespace, selector),
        pods: (namespace, selector) => list('pods', namespace, selector),
      };
    },
  };
}

function pathOf({ resource, namespace, name }: Question): string {
  const group = resource === 'pods' ? '/api/v1' : '/apis/apps/v1';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${group}/namespaces/${encodeURIComponent(namespace)}/${resource}${object}`;
}

/** Times as the client's types have them. */
function readTimes(key: string, value: unknown): unknown {
  return key.endsWith('Timestamp') && typeof value === 'string' ? new Date(value) : value;
}

const FIRST_PAUSE_MS = 100;

/** A call that hangs must leave time for another one. */
function callLimit(limitMs: number, remainingMs: number): number {
  return Math.max(1, Math.min(remainingMs, Math.max(500, limitMs / 2)));
}

async function untilAnswered<T>(
  question: Question & { readonly server: string },
  limits: { readonly deadline: number; readonly limitMs: number; readonly stop: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  const { deadline, limitMs, stop } = limits;
  let pauseMs = FIRST_PAUSE_MS;
  let last: ApiTrouble | undefined;
  for (;;) {
    const remainingMs = deadline - performance.now();
    if (stop.aborted || remainingMs <= 0) {
      const reason = stop.aborted
        ? 'slipway was told to stop'
        : (last?.reason ?? 'the time for asking is over');
      return { ok: false, trouble: 'unreachable', reason };
    }
    const timeout = AbortSignal.timeout(Math.ceil(callLimit(limitMs, remainingMs)));
    try {
      return { ok: true, value: await call(AbortSignal.any([stop, timeout])) };
    } catch (error) {
      last = troubleOf(error, question);
      const waitMs = Math.max(pauseMs, last.retryAfterMs ?? 0);
      if (!stop.aborted && (!last.mayPass || waitMs >= deadline - performance.now())) {
        return { ok: false, trouble: last.trouble, reason: last.reason };
      }
      pauseMs *= 2;
      // Told to stop: the beginning of the loop says so.
      await setTimeout(waitMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

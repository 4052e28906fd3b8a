/** What a failed question to the cluster means, in words that have neither token nor answer in them. */

import type { ClusterTrouble } from '../core/rollout.ts';

/** What was asked. */
export interface Question {
  readonly verb: 'get' | 'list';
  readonly resource: 'pods' | 'replicasets' | 'deployments';
  readonly namespace: string;
  readonly name?: string;
}

/** An answer other than 200. */
export class AnsweredNo extends Error {
  readonly status: number;
  readonly retryAfter: string | undefined;

  constructor(status: number, retryAfter: string | undefined) {
    super(`answered ${status}`);
    this.name = 'AnsweredNo';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export interface ApiTrouble {
  readonly trouble: ClusterTrouble;
  readonly reason: string;
  /** Whether the same question may be answered a moment later. */
  readonly mayPass: boolean;
  /** As the server asked for in `Retry-After`. */
  readonly retryAfterMs: number | undefined;
}

/** Judges what was thrown instead of an answer. */
export function troubleOf(
  error: unknown,
  question: Question & { readonly server: string },
): ApiTrouble {
  if (error instanceof AnsweredNo) return ofStatus(error, question);
  const server = hostOf(question.server);
  const passing = (reason: string): ApiTrouble => ({
    trouble: 'unreachable',
    reason,
    mayPass: true,
    retryAfterMs: undefined,
  });
  const names = causesOf(error);
  if (names.some((name) => name === 'TimeoutError' || name === 'AbortError')) {
    return passing(`the API server at ${server} did not answer in time`);
  }
  const code = names.find((name) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(name));
  if (code !== undefined) {
    return passing(`the API server at ${server} cannot be reached: ${code}`);
  }
  if (error instanceof SyntaxError) {
    return passing(`the API server at ${server} answered with something else than JSON`);
  }
  return passing(`the API server at ${server} could not be asked: ${names[0] ?? 'unknown error'}`);
}

function ofStatus(
  { status, retryAfter }: AnsweredNo,
  question: Question & { readonly server: string },
): ApiTrouble {
  const { verb, resource, namespace, name } = question;
  const what =
    name === undefined ? `${resource} in namespace ${namespace}` : `${namespace}/${name}`;
  const refused = (trouble: ClusterTrouble, reason: string): ApiTrouble => ({
    trouble,
    reason,
    mayPass: false,
    retryAfterMs: undefined,
  });
  switch (status) {
    case 401:
      // A token that has just been renewed is read again within a minute.
      return refused('unreachable', 'the API server does not accept the token (401)');
    case 403:
      return refused(
        'denied',
        `no right to ${verb} ${resource}${apiGroupOf(resource) === '' ? '' : `.${apiGroupOf(resource)}`} in namespace ${namespace} (403)`,
      );
    case 404:
      return refused('missing', `there is no ${resource.slice(0, -1)} ${what} (404)`);
    default: {
      const seconds = Number(retryAfter ?? Number.NaN);
      return {
        trouble: 'unreachable',
        reason: `the API server answered ${status} to ${verb} ${resource}`,
        mayPass: status === 408 || status === 429 || status >= 500,
        retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
      };
    }
  }
}

/** The API group of a resource, as in rules of a Role. */
function apiGroupOf(resource: Question['resource']): string {
  return resource === 'pods' ? '' : 'apps';
}

/** Codes and names of an error and of those that caused it, codes first. */
function causesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  const names: string[] = [];
  for (let each = error; each instanceof Error && names.length < 5; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') codes.push(each.code);
    names.push(each.name);
  }
  return [...codes, ...names];
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).host : 'an unreadable address';
}

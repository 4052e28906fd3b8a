/** How the stand-in for the Kubernetes API answers a request: rights, reading, creating, patching. */

import { wrongFields } from './kubernetes-fields.ts';

/** Kinds that the stand-in has, as in URLs. */
export type Resource = 'pods' | 'replicasets' | 'deployments' | 'events';

/** An object as it is on the wire. */
export interface ApiObject {
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Its token is the right one. */
  readonly isKnown: boolean;
  readonly contentType: string;
  readonly body: string;
}

export interface Handled {
  readonly status: number;
  readonly body: unknown;
}

/** What is there, and which rights are not. */
export interface World {
  readonly objects: Map<string, ApiObject>;
  readonly denied: ReadonlySet<string>;
}

const KINDS = {
  pods: { group: '', kind: 'Pod', model: 'V1Pod' },
  replicasets: { group: 'apps', kind: 'ReplicaSet', model: 'V1ReplicaSet' },
  deployments: { group: 'apps', kind: 'Deployment', model: 'V1Deployment' },
  events: { group: 'events.k8s.io', kind: 'Event', model: 'EventsV1Event' },
} as const;

const PATH =
  /^\/(?:api|apis\/(apps|events\.k8s\.io))\/v1\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?(?:\/(status))?$/;
const REVIEW = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** The key under which an object is kept. */
export function resourceOf(resource: Resource, namespace: string, name: string): string {
  return `${resource}/${namespace}/${name}`;
}

/** The body of every answer that is none. */
export function statusBody(code: number, message: string) {
  const reasons: { readonly [code: number]: string } = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    415: 'UnsupportedMediaType',
    422: 'Invalid',
    429: 'TooManyRequests',
  };
  const reason = reasons[code] ?? 'InternalError';
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code,
  };
}

/** Answers a request and changes the world accordingly. */
export function handle(request: ApiRequest, world: World): Handled {
  const { method, url } = request;
  if (!request.isKnown) return failed(401, 'Unauthorized');
  if (url.pathname === REVIEW && method === 'POST') return review(request, world);
  const [, group = '', namespace = '', name = '', object, status] = PATH.exec(url.pathname) ?? [];
  if (!isResource(name) || KINDS[name].group !== group) {
    return failed(404, 'the server could not find the requested resource');
  }
  const verb = verbOf(method, object);
  const right = `${verb} ${name}${status === undefined ? '' : '/status'}`;
  if (world.denied.has(right)) {
    return failed(
      403,
      `${name} is forbidden: User "system:serviceaccount:${namespace}:test" cannot ${verb} resource "${name}" in API group "${group}" in the namespace "${namespace}"`,
    );
  }
  if (verb === 'list') return list(world, { resource: name, namespace, url });
  if (verb === 'create') return create(request, world, { resource: name, namespace });
  const key = resourceOf(name, namespace, object ?? '');
  const found = world.objects.get(key);
  if (found === undefined) return failed(404, `${name} "${object}" not found`);
  if (verb === 'get') return { status: 200, body: whole(name, found) };
  if (verb === 'patch') return patch(request, world, { resource: name, key, found, status });
  return failed(405, 'the server does not allow this method on the requested resource');
}

function isResource(name: string): name is Resource {
  return Object.hasOwn(KINDS, name);
}

function verbOf(method: string, name: string | undefined): string {
  if (method === 'GET') return name === undefined ? 'list' : 'get';
  return { POST: 'create', PATCH: 'patch', PUT: 'update', DELETE: 'delete' }[method] ?? 'unknown';
}

function failed(status: number, message: string): Handled {
  return { status, body: statusBody(status, message) };
}

function whole(resource: Resource, object: ApiObject): ApiObject {
  const { group, kind } = KINDS[resource];
  return { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, ...object };
}

function review({ body }: ApiRequest, { denied }: World): Handled {
  const asked: unknown = JSON.parse(body);
  const [wrong] = wrongFields(asked, 'V1SelfSubjectAccessReview');
  if (wrong !== undefined) return failed(400, `strict decoding error: ${wrong}`);
  const { spec } = asked as { spec?: { resourceAttributes?: Record<string, string> } }; // just checked
  const { verb, resource, subresource } = spec?.resourceAttributes ?? {};
  const right = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
  return { status: 201, body: { ...(asked as object), status: { allowed: !denied.has(right) } } };
}

function list(
  { objects }: World,
  { resource, namespace, url }: { resource: Resource; namespace: string; url: URL },
): Handled {
  const selector = url.searchParams.get('labelSelector') ?? '';
  const items = [...objects].flatMap(([key, object]) =>
    key.startsWith(`${resource}/${namespace}/`) && isSelected(object, selector) ? [object] : [],
  );
  const { group, kind } = KINDS[resource];
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
  return { status: 200, body: { apiVersion, kind: `${kind}List`, metadata: {}, items } };
}

/** kubernetes.io, "Labels and Selectors". */
function isSelected({ metadata: { labels = {} } }: ApiObject, selector: string): boolean {
  return selector
    .split(/,(?![^(]*\))/)
    .filter((part) => part !== '')
    .every((part) => {
      const [, key = '', operator, values = ''] = /^(\S+) (in|notin) \((.*)\)$/.exec(part) ?? [];
      if (operator !== undefined) {
        const isIn = values.split(',').includes(labels[key] ?? '');
        return operator === 'in' ? isIn : !isIn;
      }
      if (part.startsWith('!')) return !Object.hasOwn(labels, part.slice(1));
      const [name = '', value] = part.split('=');
      return value === undefined ? Object.hasOwn(labels, name) : labels[name] === value;
    });
}

function create(
  { body }: ApiRequest,
  { objects }: World,
  { resource, namespace }: { resource: Resource; namespace: string },
): Handled {
  if (resource !== 'events') return failed(405, `nobody creates ${resource} here`);
  const object = JSON.parse(body) as ApiObject; // checked next
  const [wrong] = [...wrongFields(object, KINDS.events.model), ...eventTrouble(object)];
  if (wrong !== undefined) return failed(422, `Event is invalid: ${wrong}`);
  const { name = `${object.metadata.generateName}${objects.size}` } = object.metadata;
  const key = resourceOf(resource, namespace, name);
  if (objects.has(key)) return failed(409, `events.k8s.io "${name}" already exists`);
  const made = {
    ...object,
    metadata: { ...object.metadata, name, namespace, resourceVersion: '1' },
  };
  objects.set(key, made);
  return { status: 201, body: whole(resource, made) };
}

/** pkg/apis/core/validation/events.go of Kubernetes, for events.k8s.io/v1. */
function eventTrouble(event: ApiObject): readonly string[] {
  const text = (field: string, limit: number): readonly string[] => {
    const value = event[field];
    if (typeof value !== 'string' || value === '') return [`${field}: Required value`];
    return value.length > limit ? [`${field}: can have at most ${limit} characters`] : [];
  };
  const { note, type } = event;
  return [
    ...(event['eventTime'] === undefined ? ['eventTime: Required value'] : []),
    ...text('reportingController', 253),
    ...text('reportingInstance', 128),
    ...text('action', 128),
    ...text('reason', 128),
    ...(typeof note === 'string' && Buffer.byteLength(note) > 1024 ? ['note: at most 1024'] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : ['type: Normal or Warning']),
  ];
}

function patch(
  { body, contentType }: ApiRequest,
  { objects }: World,
  at: { resource: Resource; key: string; found: ApiObject; status: string | undefined },
): Handled {
  const { resource, key, found } = at;
  const isStrategic = contentType.startsWith('application/strategic-merge-patch+json');
  if (!isStrategic && !contentType.startsWith('application/merge-patch+json')) {
    return failed(415, `the body of the request was in an unknown format: ${contentType}`);
  }
  const change = JSON.parse(body) as ApiObject; // checked next
  const [wrong] = wrongFields(change, KINDS[resource].model);
  if (wrong !== undefined) return failed(400, `strict decoding error: ${wrong}`);
  const version = change.metadata?.resourceVersion;
  if (version !== undefined && version !== found.metadata.resourceVersion) {
    return failed(
      409,
      'the object has been modified; please apply your changes to the latest version',
    );
  }
  // Through the sub-resource only the status changes, and only through it.
  const part =
    at.status === undefined ? { ...change, status: undefined } : { status: change['status'] };
  const merged = merge(found, part, isStrategic) as ApiObject; // of two objects
  const next = Number(found.metadata.resourceVersion ?? 0) + 1;
  const made = { ...merged, metadata: { ...merged.metadata, resourceVersion: String(next) } };
  objects.set(key, made);
  return { status: 200, body: whole(resource, made) };
}

/** RFC 7396; a strategic patch merges conditions by their type. */
function merge(target: unknown, change: unknown, isStrategic: boolean): unknown {
  if (isStrategic && Array.isArray(change) && change.every((each) => 'type' in Object(each))) {
    const byType = new Map(
      (Array.isArray(target) ? target : []).map((each) => [Object(each).type, each]),
    );
    for (const each of change) {
      byType.set(each.type, merge(byType.get(each.type), each, isStrategic));
    }
    return [...byType.values()];
  }
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null ? { ...target } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value, isStrategic);
  }
  return result;
}

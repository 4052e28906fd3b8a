/** Holds objects that are sent to the API against the client's own models of the API's types. */

import * as kubernetes from '@kubernetes/client-node';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

/** Fields of `value` that the type does not have or that have another type, as paths. */
export function wrongFields(value: unknown, type: string, path = ''): readonly string[] {
  if (value === undefined || value === null) return [];
  const plain = type.replace(/ \| (?:null|undefined)$/, '');
  const list = /^Array<(.+)>$/.exec(plain)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: expected a list`];
    return value.flatMap((each, index) => wrongFields(each, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(plain)?.[1];
  if (map !== undefined) {
    if (!isObject(value)) return [`${path}: expected an object`];
    return Object.entries(value).flatMap(([key, each]) => wrongFields(each, map, `${path}.${key}`));
  }
  if (plain === 'Date' || plain === 'V1MicroTime') return isTime(value) ? [] : [`${path}: no time`];
  if (['string', 'number', 'boolean'].includes(plain)) {
    return typeof value === plain ? [] : [`${path}: expected a ${plain}`];
  }
  const attributes = attributesOf(plain);
  if (attributes === undefined) return [];
  if (!isObject(value)) return [`${path}: expected ${plain}`];
  return Object.entries(value).flatMap(([key, each]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    const at = `${path}.${key}`;
    return attribute === undefined
      ? [`unknown field "${at}"`]
      : wrongFields(each, attribute.type, at);
  });
}

function attributesOf(type: string): readonly Attribute[] | undefined {
  const model: unknown = Reflect.get(kubernetes, type);
  if (typeof model !== 'function') return undefined;
  const read: unknown = Reflect.get(model, 'getAttributeTypeMap');
  // All generated models have it, and it is a list of these.
  return typeof read === 'function' ? (read.call(model) as readonly Attribute[]) : undefined;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): boolean {
  return (
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

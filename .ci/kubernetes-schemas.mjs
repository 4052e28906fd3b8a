/**
 * Writes JSON schemas for kubeconform from the models of @kubernetes/client-node, which are generated
 * from the API's own OpenAPI document: property names, types, and which of them are required.
 * Usage: node kubernetes-schemas.mjs CLIENT_PACKAGE OUTPUT_FOLDER
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The kinds that slipway's manifests and chart use; kubeconform fails on one that is not here. */
const KINDS = {
  V1ConfigMap: 'v1',
  V1CronJob: 'batch/v1',
  V1Deployment: 'apps/v1',
  V1Job: 'batch/v1',
  V1NetworkPolicy: 'networking.k8s.io/v1',
  V1Pod: 'v1',
  V1Role: 'rbac.authorization.k8s.io/v1',
  V1RoleBinding: 'rbac.authorization.k8s.io/v1',
  V1Secret: 'v1',
  V1Service: 'v1',
  V1ServiceAccount: 'v1',
  V1StatefulSet: 'apps/v1',
};

const [packageFolder, outputFolder] = process.argv.slice(2);
if (packageFolder === undefined || outputFolder === undefined) {
  throw new Error('usage: node kubernetes-schemas.mjs CLIENT_PACKAGE OUTPUT_FOLDER');
}
const models = resolve(packageFolder, 'dist/gen/models');
mkdirSync(outputFolder, { recursive: true });
for (const [model, apiVersion] of Object.entries(KINDS)) {
  const kind = model.slice('V1'.length);
  const definitions = {};
  await define(model, definitions);
  const { properties, required } = definitions[model];
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: [...new Set(['apiVersion', 'kind', 'metadata', ...required])],
    properties: { ...properties, apiVersion: { const: apiVersion }, kind: { const: kind } },
    definitions,
  };
  writeFileSync(join(outputFolder, fileName(kind, apiVersion)), JSON.stringify(schema));
}

/** The name kubeconform asks for: the kind, the first label of the group, the version. */
function fileName(kind, apiVersion) {
  const [version, group] = apiVersion.split('/').reverse();
  const parts = group === undefined ? [kind, version] : [kind, group.split('.')[0], version];
  return `${parts.join('-').toLowerCase()}.json`;
}

async function define(model, definitions) {
  if (definitions[model] !== undefined) return;
  const definition = { type: 'object', additionalProperties: false, properties: {}, required: [] };
  definitions[model] = definition;
  const { [model]: type } = await import(pathToFileURL(join(models, `${model}.js`)).href);
  const declaration = readFileSync(join(models, `${model}.d.ts`), 'utf8');
  for (const { name, baseName, type: valueType, format } of type.getAttributeTypeMap()) {
    definition.properties[baseName] = await schemaOf(valueType, format, definitions);
    if (new RegExp(`^ +'${name}': `, 'm').test(declaration)) definition.required.push(baseName);
  }
}

async function schemaOf(type, format, definitions) {
  const list = /^(?:Array|Set)<(.+)>$/.exec(type);
  if (list !== null) return { type: 'array', items: await schemaOf(list[1], format, definitions) };
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (map !== null) {
    return { type: 'object', additionalProperties: await schemaOf(map[1], format, definitions) };
  }
  switch (type) {
    case 'string':
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: format.startsWith('int') ? 'integer' : 'number' };
    case 'Date':
    case 'V1MicroTime':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return { type: ['integer', 'string'] };
    case 'any':
      return {};
    default:
      await define(type, definitions);
      return { $ref: `#/definitions/${type}` };
  }
}

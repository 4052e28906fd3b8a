/** Where a revision stands in the graph, as far as a file that cannot be read as a whole still says so. */

import type { GraphNode } from '../core/graph.ts';
import { languageOf } from '../core/revision.ts';

/** The revision's place, guessed from the lines that give it; undefined without an id. */
export function outlineOf(text: string, file: string): GraphNode | undefined {
  const find = languageOf(file) === 'sql' ? directive : property;
  const [id] = find(text, 'revision');
  if (id === undefined) return undefined;
  const dependencies = languageOf(file) === 'sql' ? 'depends-on' : 'dependsOn';
  return {
    id,
    revises: find(text, 'revises'),
    dependsOn: find(text, dependencies),
    labels: find(text, languageOf(file) === 'sql' ? 'label' : 'labels'),
    file,
  };
}

function directive(text: string, name: string): readonly string[] {
  const line = new RegExp(`^--[ \\t]*slipway[ \\t]*:[ \\t]*${name}\\b(.*)$`, 'im').exec(text)?.[1];
  return line?.match(/[\w.-]+/g) ?? [];
}

/** `name: 'a'` or `name: ['a', 'b']`. */
function property(text: string, name: string): readonly string[] {
  const value = new RegExp(`\\b${name}\\s*:\\s*(\\[[^\\]]*\\]|'[^']*'|"[^"]*")`).exec(text)?.[1];
  return [...(value ?? '').matchAll(/['"]([\w.-]+)['"]/g)].map(([, word = '']) => word);
}

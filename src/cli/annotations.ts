/**
 * Annotations as GitHub Actions reads them from the output of a step.
 *
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */

/** A message at a place of a file. */
export interface Annotation {
  readonly severity: 'error' | 'warning' | 'notice';
  /** From the root of the repository. */
  readonly file: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly title: string;
  readonly message: string;
}

/** The line that makes GitHub show `annotation`. */
export function annotationLine(annotation: Annotation): string {
  const { severity, file, line, column, title, message } = annotation;
  const properties = Object.entries({
    file: file?.replaceAll('\\', '/'),
    line,
    col: column,
    title,
  });
  const given = properties
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${given.join(',')}::${escapeData(message)}`;
}

// As in GitHub's own toolkit, packages/core/src/command.ts.
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

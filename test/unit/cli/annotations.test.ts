/** Workflow commands as GitHub's runner reads them. */

import { describe, expect, it } from 'vitest';
import { annotationLine } from '../../../src/cli/annotations.ts';

describe('an annotation', () => {
  it('has the place as properties', () => {
    const line = annotationLine({
      severity: 'error',
      file: 'migrations/a.sql',
      line: 3,
      column: 7,
      title: 'SLIPWAY_SQL_SYNTAX',
      message: 'syntax error',
    });
    expect(line).toBe(
      '::error file=migrations/a.sql,line=3,col=7,title=SLIPWAY_SQL_SYNTAX::syntax error',
    );
  });

  it('leaves out what is not known', () => {
    const annotation = { severity: 'warning', title: 'T', message: 'm' } as const;
    expect(annotationLine({ ...annotation, file: undefined })).toBe('::warning title=T::m');
    expect(annotationLine({ ...annotation, file: 'a.sql', line: undefined })).toBe(
      '::warning file=a.sql,title=T::m',
    );
    expect(annotationLine({ ...annotation, severity: 'notice', file: undefined })).toBe(
      '::notice title=T::m',
    );
  });

  it('cannot be ended or forged by what it quotes', () => {
    const line = annotationLine({
      severity: 'error',
      file: 'a,line=1:b%.sql',
      title: 'x::y',
      message: '50% of "a::b, c"\r\n::error::forged',
    });
    expect(line).toBe(
      '::error file=a%2Cline=1%3Ab%25.sql,title=x%3A%3Ay::50%25 of "a::b, c"%0D%0A::error::forged',
    );
    expect(line.split(/\r|\n/)).toHaveLength(1);
  });

  it('has the separators of a URL in its path', () => {
    const line = annotationLine({ severity: 'error', file: 'db\\a.sql', title: 'T', message: 'm' });
    expect(line).toContain('file=db/a.sql,');
  });
});

/** A service file is read as libpq reads it. */

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/core/errors.ts';
import { readService } from '../../../src/postgres/service-file.ts';

const text = `# comment
[first]
host=one
[second]
host=two
 port = 5433
# another comment

password=a=b
host=ignored
[third]
host=three
`;

describe('readService', () => {
  it('answers the settings of the section, and the first of repeated ones', () => {
    expect([...(readService(text, 'second') ?? [])]).toEqual([
      ['host', 'two'],
      ['port', '5433'],
      ['password', 'a=b'],
    ]);
  });

  it('answers nothing for a service that is not there', () => {
    expect(readService(text, 'fourth')).toBeUndefined();
  });

  it.each(['[s]\nhoost=x', '[s]\nhunter2', '[s]\nservice=other'])(
    'refuses %j and says in which line',
    (broken) => {
      const act = () => readService(broken, 's');
      expect(act).toThrow(ConfigError);
      expect(act).toThrow(/line 2/);
      expect(act).not.toThrow(/hunter2/);
    },
  );

  it('does not judge sections that are not asked for', () => {
    expect(readService('[other]\nnonsense\n[s]\nhost=h', 's')?.get('host')).toBe('h');
  });
});

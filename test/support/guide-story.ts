/** A story in a guide: fenced blocks whose info strings say what is done with them. */

import { readFileSync } from 'node:fs';

/** A revision file that the next release has. */
export interface StoryFile {
  readonly kind: 'file';
  readonly path: string;
  readonly text: string;
}

/** A command of a release, and how it ends. */
export interface StoryCommand {
  readonly kind: 'command';
  readonly release: string;
  /** Without the word `slipway`. */
  readonly args: readonly string[];
  readonly exitCode: number;
  /** What its log or answer has to contain. */
  readonly says: string | undefined;
  /** A query that has to answer a row afterwards. */
  readonly query: string | undefined;
}

/** A step of a story. */
export type StoryStep = StoryFile | StoryCommand;

/**
 * The steps of the guide at `path`, in order. In info strings `+` stands for a blank, since they are
 * split at blanks.
 */
export function readStory(path: string): readonly StoryStep[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```(sql|sh) (.+)\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language, info = '', body = '']): readonly StoryStep[] => {
      const values = new Map(
        info.split(' ').map((word) => {
          const [key = '', ...rest] = word.split('=');
          return [key, rest.join('=').replaceAll('+', ' ')] as const;
        }),
      );
      const file = values.get('file');
      if (language === 'sql') {
        return file === undefined ? [] : [{ kind: 'file', path: file, text: body }];
      }
      return body
        .trim()
        .split('\n')
        .map((line) => ({
          kind: 'command',
          release: values.get('release') ?? '',
          args: line.split(' ').slice(1),
          exitCode: Number(values.get('exit') ?? 0),
          says: values.get('says'),
          query: values.get('query'),
        }));
    },
  );
}

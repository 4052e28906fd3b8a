/** The recorded answers are those of the Alembic that is installed here. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askAlembic, installedAlembic, RECORDING, readRecording } from '../alembic.ts';

const installed = await installedAlembic();
const recorded = readRecording().version;

describe('Alembic', () => {
  // Debian's python3-alembic; another minor version may answer otherwise.
  it.skipIf(installed === undefined || minorOf(installed) !== minorOf(recorded))(
    'answers every question as it is recorded (node test/parity/record.ts)',
    async () => {
      const answers = (await askAlembic()).split('\n').slice(1);
      const kept = readFileSync(RECORDING, 'utf8').split('\n').slice(1);
      const changed = answers.filter((line, index) => line !== kept[index]);
      expect(changed.map((line) => line.slice(0, 80))).toEqual([]);
      expect(answers).toHaveLength(kept.length);
    },
    300_000,
  );
});

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

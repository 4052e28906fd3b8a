/** Adds the tests of all reports to the steps and closes with the one line that counts. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const [folder = '.', steps = '0', failedSteps = '0'] = process.argv.slice(2);
let passed = Number(steps);
let failed = Number(failedSteps);
let skipped = 0;
const failures = [];
const omitted = [];
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that could not even be loaded fails without a test of its own.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
  );
  failed += broken.length;
  for (const file of broken) failures.push(`${name}: ${file.name}: ${file.message ?? ''}`);
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'failed') failures.push(`${name}: ${test.fullName}${why(test)}`);
      if (test.status === 'pending' || test.status === 'skipped') {
        omitted.push(`${name}: ${test.fullName}`);
      }
    }
  }
}
/** The beginning of what the test said: what CI keeps of a run may be no more than its end. */
function why({ failureMessages = [] }) {
  const lines = stripVTControlCharacters(failureMessages.join('\n')).split('\n').slice(0, 25);
  return lines.map((line) => `\n           ${line.slice(0, 300)}`).join('');
}

for (const line of omitted) process.stdout.write(`skipped  ${line}\n`);
for (const line of failures) process.stdout.write(`FAILED   ${line}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 ? 1 : 0;

/** What is used of jest's AggregatedResult. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

let last: Results | undefined;

/** Remembers the results of jest's last run. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default class LastRunReporter {
  onRunComplete(_contexts: unknown, results: Results): void {
    last = results;
  }
}

/**
 * The last run in a line for machine readers: "12 passed, 0 failed, 1 skipped"; undefined before the first.
 * A file that could not be run counts as a failed test, and so does each of `otherFailures`.
 */
export function tally(otherFailures: number): string | undefined {
  if (last === undefined) return undefined;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = last;
  const failed = numFailedTests + numRuntimeErrorTestSuites + otherFailures;
  const skipped = numPendingTests + numTodoTests;
  return `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The part of jest's AggregatedResult that is used here. */
interface Results {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

let last: Results | undefined;

/** Records the results of jest's last run. */
export default class LastRunReporter {
  onRunComplete(_contexts: unknown, results: Results): void {
    last = results;
  }
}

/** The results of the last run. */
export function getLastRunResults(): Results | undefined {
  return last;
}

/**
 * The results in a machine-readable line: "12 passed, 0 failed, 1 skipped". A file that could not run counts as a
 * failed test, and so does each of `otherFailures`.
 */
export function formatSummary(results: Results, otherFailures: number): string {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } =
    results;
  const failed = numFailedTests + numRuntimeErrorTestSuites + otherFailures;
  const skipped = numPendingTests + numTodoTests;
  return `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

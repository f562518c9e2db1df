import type { AggregatedResult, Reporter } from '@jest/reporters';

/** Ends a run's output with a line for machine readers: "12 passed, 0 failed, 1 skipped". */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default class TallyReporter implements Reporter {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // A file that could not be run counts as a failure.
    process.stdout.write(
      `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed${skipped}\n`,
    );
  }
}

import type { AggregatedResult, Reporter } from '@jest/reporters';

/** Names the checks that failed before jest was run. */
export const failedChecksVariable = 'PLAZA_FAILED_CHECKS';

/** Ends a run's output with a line for machine readers: "12 passed, 0 failed, 1 skipped". */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default class TallyReporter implements Reporter {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const checks = process.env[failedChecksVariable]?.split(', ') ?? [];
    if (checks.length > 0) process.stdout.write(`Checks failed, see above: ${checks.join(', ')}\n`);
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } =
      results;
    // A check, or a file that could not be run, counts as a failed test.
    const failed = numFailedTests + numRuntimeErrorTestSuites + checks.length;
    const skipped = numPendingTests + numTodoTests;
    process.stdout.write(
      `${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}

/** A command line that a bench cannot run: shown as a sentence, without a stack. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
}

const USAGE_STATUS = 64; // EX_USAGE of sysexits.h

/** Prints the sentence and ends the process with status 64; throws any other error again. */
export function exitWithUsage(error: unknown): never {
  if (!(error instanceof BenchUsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(USAGE_STATUS);
}

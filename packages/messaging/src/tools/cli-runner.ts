import type { CliEnvironment } from './cli-connection.ts';
import { CliError, CliUsageError } from './cli-error.ts';

/** The environment of a command-line tool; a test passes its own. */
export interface CliContext {
  readonly environment: CliEnvironment;
  write(text: string): void;
  writeError(text: string): void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The exit status (sysexits.h has 64 for a usage error). */
type ExitStatus = 0 | 1 | 64;

/** Runs a tool. A CliError is printed as a sentence; any other error is a defect and shows its stack. */
export async function runCli(
  usage: string,
  context: CliContext,
  work: () => Promise<void>,
): Promise<ExitStatus> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    context.writeError(`${error.message}\n`);
    if (!(error instanceof CliUsageError)) return 1;
    context.writeError(`\n${usage}`);
    return 64;
  }
}

/** Turns an error of parseArgs into a usage error. */
export function parseArguments<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CliUsageError(Error.isError(error) ? error.message : String(error));
  }
}

/** The environment of this process. */
export function createProcessContext(): CliContext {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort()); // `… | head` closes the pipe
  return {
    environment: process.env,
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    signal: stop.signal,
  };
}

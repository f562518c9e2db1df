import type { ToolEnvironment } from './connection.ts';
import { ToolError, UsageError } from './tool-error.ts';

/** The world of a command-line tool; a test brings its own. */
export interface Terminal {
  readonly environment: ToolEnvironment;
  write(text: string): void;
  complain(text: string): void;
  /** Aborts when the person has seen enough. */
  readonly signal: AbortSignal;
}

/** What a shell is told (sysexits.h has 64 for a usage error). */
type ExitStatus = 0 | 1 | 64;

/** Runs a tool: its mistakes are sentences, and only a defect shows a stack. */
export async function runTool(
  usage: string,
  terminal: Terminal,
  work: () => Promise<void>,
): Promise<ExitStatus> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    terminal.complain(`${error.message}\n`);
    if (!(error instanceof UsageError)) return 1;
    terminal.complain(`\n${usage}`);
    return 64;
  }
}

/** What parseArgs says against a command line, as a usage error. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(Error.isError(error) ? error.message : String(error));
  }
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort()); // `… | head` closes the pipe
  return {
    environment: process.env,
    write: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
    signal: stop.signal,
  };
}

import { writeSync } from 'node:fs';

/** Where lines of a log go: kept for a moment, so that many leave in one write. */
export interface BufferedStdout {
  /** @param line without its end. */
  write(line: string): void;
  /** Lets all go that is kept. */
  flush(): void;
}

/** Milliseconds that a line is kept at most. */
const KEPT_MS = 100;
/** Characters that are kept at most. */
const KEPT_CHARACTERS = 16_384;

/**
 * Writes to the standard output in batches: each write is a call into the kernel, which costs more than to make
 * the line. What is kept leaves when the process exits, also where it dies of an exception; `kill -9` loses
 * the lines of the last 100 ms.
 */
export function createBufferedStdout(): BufferedStdout {
  let kept = '';
  let timer: NodeJS.Timeout | undefined;

  function taken(): string {
    clearTimeout(timer);
    timer = undefined;
    const lines = kept;
    kept = '';
    return lines;
  }

  function flush(): void {
    if (kept !== '') process.stdout.write(taken());
  }

  process.once('exit', () => {
    if (kept !== '') writeOnExit(taken());
  });

  return {
    flush,
    write: (line) => {
      kept += `${line}\n`;
      if (kept.length >= KEPT_CHARACTERS) flush();
      else timer ??= setTimeout(flush, KEPT_MS).unref();
    },
  };
}

/** At an exit nothing that takes turns happens any more. */
function writeOnExit(lines: string): void {
  try {
    writeSync(process.stdout.fd, lines);
  } catch {
    // The reader of the output is gone.
  }
}

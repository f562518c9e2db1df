import type { WriteStream } from 'node:tty';

/** Milliseconds between two lines where stderr is no terminal. */
const LINE_INTERVAL_MS = 15_000;

/** Shows on stderr what a bench measures at the moment and how much time is left. */
export interface Progress {
  /** Runs one step. `expectedMs` is its share of the total; the time left is corrected by the steps so far. */
  track<T>(activity: string, expectedMs: number, work: () => Promise<T>): Promise<T>;
  /** Writes a result to stdout, below which the progress goes on. */
  print(text: string): void;
}

/** @param totalMs the sum of `expectedMs` of all steps */
export function createProgress(totalMs: number, out: WriteStream = process.stderr): Progress {
  const started = performance.now();
  let doneMs = 0;
  let lastLine = Number.NEGATIVE_INFINITY;

  function show(activity: string): void {
    const now = performance.now();
    const text = `${formatShare(doneMs / totalMs)}  ${activity}, ${formatTimeLeft(now - started, doneMs, totalMs)}`;
    if (out.isTTY) out.write(`\r\u001B[K${text.slice(0, out.columns - 1)}`);
    else if (now - lastLine >= LINE_INTERVAL_MS) {
      lastLine = now;
      out.write(`${text}\n`);
    }
  }

  const clear = () => void (out.isTTY && out.write('\r\u001B[K'));

  return {
    async track(activity, expectedMs, work) {
      show(activity);
      const result = await work();
      doneMs += expectedMs;
      if (doneMs >= totalMs) clear();
      return result;
    },
    print(text) {
      clear();
      process.stdout.write(`${text}\n`);
    },
  };
}

const formatShare = (share: number) => `${Math.min(100, Math.round(share * 100))} %`.padStart(5);

function formatTimeLeft(elapsedMs: number, doneMs: number, totalMs: number): string {
  const pace = doneMs === 0 ? 1 : elapsedMs / doneMs;
  const seconds = Math.max(1, Math.round(((totalMs - doneMs) * pace) / 1_000));
  return seconds < 90 ? `about ${seconds} s left` : `about ${Math.round(seconds / 60)} min left`;
}

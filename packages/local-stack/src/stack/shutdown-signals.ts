/** One Ctrl-C arrives several times, since npm and the bootstrap script pass it on. */
const repeatWindowMs = 500; // ms

export interface ShutdownSignals {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly stop: AbortSignal;
  /** Aborted by another one, later than half a second after the first. */
  readonly kill: AbortSignal;
}

/** After this call signals no longer end this process. */
export function handleShutdownSignals(): ShutdownSignals {
  const stop = new AbortController();
  const kill = new AbortController();
  let first = 0;
  const interrupted = (): void => {
    if (stop.signal.aborted && performance.now() - first > repeatWindowMs) kill.abort();
    if (stop.signal.aborted) return;
    first = performance.now();
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupted);
  return { stop: stop.signal, kill: kill.signal };
}

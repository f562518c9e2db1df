/**
 * A job that many callers ask for at the same time: a call while a run is in progress shares that run, any other
 * call starts one.
 */
export function singleFlight<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<Result> | undefined;
  return () => {
    current ??= run().finally(() => {
      current = undefined;
    });
    return current;
  };
}

/**
 * As `singleFlight`, for callers that must see what was true at the time of their call: a call while a run is in
 * progress shares the next run, which starts when the current one has ended. One run at a time.
 */
export function freshSingleFlight<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | undefined;
  return () => {
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        const started = run();
        current = started;
        return started;
      });
    return next;
  };
}

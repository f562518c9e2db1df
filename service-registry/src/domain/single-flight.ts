/**
 * A job that many ask for at once: each gets a run that begins after it asked, and shares it with all who asked
 * before it began. One run at a time.
 */
export function singleFlight<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Result> | undefined;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        const begun = run();
        running = begun;
        return begun;
      });
    return next;
  };
}

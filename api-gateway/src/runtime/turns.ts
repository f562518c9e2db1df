/** Does one thing after the other, in the order in which they were asked for. */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    inTurn: <Result>(work: () => Promise<Result>): Promise<Result> => {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
    /** Resolves once all that was asked for so far is done. */
    settled: async (): Promise<void> => void (await last),
  };
}

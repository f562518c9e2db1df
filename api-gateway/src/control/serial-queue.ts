/** Does one thing after the other, in the order in which they were asked for. */
export function createSerialQueue() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: <Result>(work: () => Promise<Result>): Promise<Result> => {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
    /** Resolves once all that was asked for so far is done. */
    whenIdle: async (): Promise<void> => void (await last),
  };
}

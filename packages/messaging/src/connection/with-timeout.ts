/**
 * Waits for work, and no longer than that many milliseconds: a peer that does not answer must not keep a
 * service from stopping. What the work comes to does not matter any more.
 */
export async function withTimeout(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([Promise.allSettled([work]), late]);
  clearTimeout(timer);
}

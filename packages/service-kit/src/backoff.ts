/**
 * The n-th delay in milliseconds (n from 0): doubling from `first` to `most`, with full jitter, so that a
 * fleet does not come back as one (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 */
export function backoffDelay(attempt: number, first: number, most: number, random: () => number): number {
  return Math.round(random() * Math.min(most, first * 2 ** attempt));
}

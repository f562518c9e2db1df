import type { Event } from 'cockatiel';

/** Calls the listener each time it happens. Returns what ends that. */
export type Listening<T> = (listener: (happened: T) => void) => () => void;

/** An event of cockatiel's, told as ours. */
export function listening<Theirs, Ours>(
  event: Event<Theirs>,
  told: (theirs: Theirs) => Ours,
): Listening<Ours> {
  return (listener) => {
    const { dispose } = event((theirs) => listener(told(theirs)));
    return dispose;
  };
}

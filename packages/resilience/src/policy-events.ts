import type { Event } from 'cockatiel';

/** Calls the listener each time it happens. Returns what ends that. */
export type PolicyEvent<T> = (listener: (happened: T) => void) => () => void;

/** An event of cockatiel's, told as ours. */
export function toPolicyEvent<Theirs, Ours>(
  event: Event<Theirs>,
  told: (theirs: Theirs) => Ours,
): PolicyEvent<Ours> {
  return (listener) => {
    const { dispose } = event((theirs) => listener(told(theirs)));
    return dispose;
  };
}

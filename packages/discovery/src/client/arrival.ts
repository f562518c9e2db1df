import type { Snapshot, Watch } from '../watch.ts';

/** Calls when the registry names an instance of the service that was not there before: a new one, or one that is back. */
export function onArrival(watch: Pick<Watch, 'current' | 'onChange'>, listener: () => void): void {
  let there = idsOf(watch.current());
  watch.onChange((snapshot) => {
    const before = there;
    there = idsOf(snapshot);
    if (snapshot.source === 'registry' && [...there].some((id) => !before.has(id))) listener();
  });
}

const idsOf = ({ instances }: Snapshot) => new Set(instances.map(({ instanceId }) => instanceId));

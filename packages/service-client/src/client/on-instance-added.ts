import type { InstanceSnapshot, ServiceWatch } from '@plaza/discovery';

/** Calls when the registry names an instance of the service that was not there before: a new one, or one that is back. */
export function onInstanceAdded(
  watch: Pick<ServiceWatch, 'current' | 'onChange'>,
  listener: () => void,
): void {
  let there = toInstanceIds(watch.current());
  watch.onChange((snapshot) => {
    const before = there;
    there = toInstanceIds(snapshot);
    if (snapshot.source === 'registry' && [...there].some((id) => !before.has(id))) listener();
  });
}

const toInstanceIds = ({ instances }: InstanceSnapshot) =>
  new Set(instances.map(({ instanceId }) => instanceId));

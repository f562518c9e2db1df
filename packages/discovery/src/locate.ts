import { smoothWeighted } from './balancer/round-robin.ts';
import type { Watch } from './watch.ts';

/** The URL of an instance other than those; undefined where there is none. */
export type Locate = (besides?: readonly string[]) => string | undefined;

/** Chooses among the instances that a watch knows, by weight. */
export function locateBy(watch: Pick<Watch, 'current'>): Locate {
  const balancer = smoothWeighted();
  return (besides = []) => {
    const candidates = watch.current().instances.filter(({ url }) => !besides.includes(url));
    return balancer.pick(candidates)?.url;
  };
}

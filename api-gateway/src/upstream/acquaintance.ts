import { setTimeout as wait } from 'node:timers/promises';
import type { Watch } from '@plaza/discovery';
import type { Address } from '../declaration/address.ts';
import type { Upstream as Declared } from '../declaration/declaration.ts';
import { selectorOf } from './selector.ts';

/** Milliseconds. */
const MOST_MS = 1_000;

/** Resolves once the registry has answered each of these for the first time, or after a second. */
export async function acquainted(watches: readonly Watch[]): Promise<void> {
  const enough = new AbortController();
  const late = wait(MOST_MS, undefined, { signal: enough.signal, ref: false });
  await Promise.race([Promise.all(watches.map((watch) => watch.start())), late.catch(() => undefined)]);
  enough.abort();
}

/** Names that the registry will be asked for by these upstreams and addresses. */
export function namesOf(declared: readonly Declared[], addresses: readonly Address[]): string[] {
  const names = new Set(declared.map(({ name }) => name));
  return [
    ...declared.flatMap(({ name, targets }) => (isFixed(targets) ? [] : [name])),
    ...addresses.flatMap(({ host, port }) => (port === undefined && !names.has(host) ? [host] : [])),
  ];
}

const isFixed = (targets: Declared['targets']) =>
  targets.length > 0 && targets.every(({ target }) => selectorOf(target) === undefined);

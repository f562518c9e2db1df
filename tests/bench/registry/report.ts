import type { RegistryUnderTest } from './registry-under-test.ts';
import type { RegistryProtocolName } from './protocols.ts';

export const OPERATIONS = ['register', 'renew', 'list'] as const;
export type RegistryOperation = (typeof OPERATIONS)[number];

/** The figures of one registry with one number of instances. */
export interface RegistryBenchResult {
  readonly registry: RegistryUnderTest;
  readonly perSecond: Readonly<Record<RegistryOperation, number>>;
  readonly memory: { readonly own: number; readonly store: number };
}

const PEERS: Readonly<Partial<Record<RegistryProtocolName, string>>> = { consul: 'Consul', eureka: 'Eureka' };

/** A table; below each of ours, where the competitor of its protocol ran too, the ratio to that. */
export function renderTable(title: string, results: readonly RegistryBenchResult[]): string {
  const head = row('', ['registrations/s', 'renewals/s', 'lists/s', 'memory', 'its store']);
  return `${title}\n${[head, ...results.flatMap((result) => renderRows(result, results))].join('\n')}\n`;
}

function renderRows(
  { registry, perSecond, memory }: RegistryBenchResult,
  all: readonly RegistryBenchResult[],
): string[] {
  const figures = OPERATIONS.map((operation) => perSecond[operation].toFixed(0));
  const own = row(registry.title, [
    ...figures,
    megabytes(memory.own),
    memory.store === 0 ? '' : megabytes(memory.store),
  ]);
  const peer = all.find((other) => other.registry.title === PEERS[registry.protocol]);
  if (peer === undefined || peer.registry === registry) return [own];
  const ratios = OPERATIONS.map(
    (operation) => `× ${(perSecond[operation] / peer.perSecond[operation]).toFixed(2)}`,
  );
  const both = (memory.own + memory.store) / (peer.memory.own + peer.memory.store);
  return [own, row(`  beside ${peer.registry.title}`, [...ratios, '', `both × ${both.toFixed(2)}`])];
}

const megabytes = (value: number) => `${value.toFixed(0)} MB`;

const row = (name: string, cells: readonly string[]) =>
  name.padEnd(28) + cells.map((cell) => cell.padStart(16)).join('');

/** Milliseconds until the median watcher and the last one received a change, and those of the slowest change. */
export function renderWatchLatency(
  results: readonly (readonly [title: string, took: readonly number[][]])[],
): string {
  const head = row('', ['median', 'the last', 'worst change']);
  const rows = results.map(([title, took]) => {
    const last = took.map((change) => change.at(-1) ?? Number.NaN).sort((one, other) => one - other);
    const all = took.flat().sort((one, other) => one - other);
    return row(
      title,
      [medianOfSorted(all), medianOfSorted(last), last.at(-1) ?? Number.NaN].map(
        (ms) => `${ms.toFixed(1)} ms`,
      ),
    );
  });
  return `From a change to the responses of 50 blocking queries\n${[head, ...rows].join('\n')}\n`;
}

function medianOfSorted(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

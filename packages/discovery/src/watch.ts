import { setTimeout as wait } from 'node:timers/promises';
import { backoffDelay, type Component, type Logger } from '@plaza/service-kit';
import { instanceAt, sameInstances, type Instance } from './instance.ts';
import type { Passing } from './passing.ts';
import type { RegistryClient } from './registry-client.ts';
import { createRoster } from './roster.ts';

/** Where the instances come from: `none` until the first answer, and where neither has any. */
export const SOURCES = ['registry', 'fallback', 'none'] as const;
export type Source = (typeof SOURCES)[number];

export interface Snapshot {
  readonly service: string;
  readonly instances: readonly Instance[];
  readonly source: Source;
}

/** Follows the passing instances of one service. It reads from memory: nothing waits in a hot path. */
export interface Watch extends Component {
  readonly service: string;
  /** The last good list; the same object until it changes. */
  current(): Snapshot;
  /** Milliseconds since the registry vouched for the list: up to 30,000 while all is well; undefined where it never did. */
  ageMs(): number | undefined;
  /** Calls after each change of the list. Returns what ends that. */
  onChange(listener: (snapshot: Snapshot) => void): () => void;
  /** Begins to follow, once. Resolves after the first answer or the first failure, so it holds up no start. */
  start(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly registry: RegistryClient;
  readonly service: string;
  readonly logger: Logger;
  /** Used where the registry has no instance, or there is no registry. */
  readonly fallbackUrl?: string | undefined;
  readonly now?: () => number;
  /** Milliseconds that one blocking query waits for a change. Default 30,000. */
  readonly waitMs?: number;
  /** Milliseconds of the longest pause between failed queries. Default 5,000. */
  readonly mostBackoffMs?: number;
}

const WAIT_MS = 30_000;
const FIRST_BACKOFF_MS = 200;
const MOST_BACKOFF_MS = 5_000;
/** Between two queries at least: a service that changes all the time must not make a busy loop of us. */
const SPACING_MS = 50;
const AWAY = 'the registry is away: going on with the last known instances';

export function createWatch(options: WatchOptions): Watch {
  const { registry, service, logger, fallbackUrl, now = Date.now, waitMs = WAIT_MS } = options;
  const { mostBackoffMs = MOST_BACKOFF_MS } = options;
  const closed = new AbortController();
  const listeners = new Set<(snapshot: Snapshot) => void>();
  const roster = createRoster(now);
  const fallback =
    fallbackUrl === undefined ? [] : [instanceAt(service, fallbackUrl.replace(/\/+$/, ''), 'fallback')];
  let snapshot = snapshotOf([]);
  let vouchedAt: number | undefined;
  let following: Promise<void> | undefined;
  let started: Promise<void> | undefined;

  function snapshotOf(known: readonly Instance[]): Snapshot {
    if (known.length > 0) return { service, instances: known, source: 'registry' };
    return { service, instances: fallback, source: fallback.length > 0 ? 'fallback' : 'none' };
  }

  function take(answer: Passing): void {
    vouchedAt = now() - answer.ageMs;
    const next = snapshotOf(roster.take(answer));
    if (next.source === snapshot.source && sameInstances(next.instances, snapshot.instances)) return;
    snapshot = next;
    for (const listener of listeners) listener(snapshot);
  }

  /** After a failure it does not wait for a change: it wants to know at once that the registry is back. */
  async function ask(failures: number): Promise<void> {
    const query = failures > 0 ? { index: 0, waitMs } : roster.next(waitMs);
    take(await registry.passing(service, { ...query, signal: closed.signal }));
  }

  async function follow(tried: () => void): Promise<void> {
    for (let failures = 0; !closed.signal.aborted;) {
      try {
        await ask(failures);
        if (failures > 0) logger.info('the registry is back', { watching: service });
        failures = 0;
        tried();
        await pause(SPACING_MS);
      } catch (error) {
        tried();
        if (closed.signal.aborted) return;
        if (failures === 0) logger.warn(AWAY, { watching: service, reason: String(error) });
        await pause(
          FIRST_BACKOFF_MS / 2 + backoffDelay(failures, FIRST_BACKOFF_MS, mostBackoffMs, Math.random),
        );
        failures += 1;
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: closed.signal }).catch(() => undefined);
  }

  return {
    name: `watch ${service}`,
    service,
    current: () => snapshot,
    ageMs: () => (vouchedAt === undefined ? undefined : now() - vouchedAt),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      if (registry.urls.length === 0) return;
      started ??= new Promise((tried) => {
        following = follow(tried);
      });
      await started;
    },
    close: async () => {
      closed.abort();
      await following;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger, ServerSentEvent } from '@plaza/service-kit';
import type { CatalogReader, CatalogSnapshot } from '../../domain/catalog-reader.ts';
import type { InstanceStore } from '../../domain/registrations.service.ts';
import { RegistryDraining, TooManyViewers } from '../../domain/registry.errors.ts';
import { singleFlight } from '../../domain/single-flight.ts';
import { EMPTY_LIVENESS } from '../../domain/liveness.ts';
import { createBlockingQueries } from '../../domain/blocking-queries.ts';
import { diffSnapshots, emptyUpdate, fullUpdate } from './page-diff.ts';
import { snapshotCatalog, type PageSnapshot } from './page-snapshot.ts';
import type { PageUpdate } from './update.ts';
import { pageRefreshFailed } from '../../domain/registry.log-events.ts';

/** What all viewers of the page look at. */
export interface LiveUpdates extends Component {
  /** The page as it is now, and the version by which `subscribe` goes on from it. */
  current(): Promise<{ readonly snapshot: PageSnapshot; readonly version: string }>;
  /**
   * What changes on the page after a version; the whole page first where that version is not remembered. Ends when
   * the viewer has gone, or the registry stops. @throws {TooManyViewers} {RegistryDraining}
   */
  subscribe(after: string | undefined, gone: AbortSignal): AsyncIterable<ServerSentEvent>;
}

export interface LiveUpdatesOptions {
  readonly catalogReader: CatalogReader;
  readonly store: Pick<InstanceStore, 'liveness' | 'changeLog'>;
  readonly logger: Logger;
  readonly maxViewers: number;
}

/** Milliseconds between two refreshes while the catalog stays the same: the delay of heartbeats and probes on the page. */
const MAX_INTERVAL_MS = 2_000;
/** Milliseconds between two refreshes however much changes. */
const MIN_INTERVAL_MS = 200;
/** Updates that are kept for those who come back. */
const MAX_BUFFERED_UPDATES = 50;
/** So that a viewer knows that it is still connected. */
const KEEP_ALIVE_MS = 15_000;
const MAX_CHANGES = 20;

const EMPTY_SNAPSHOT: PageSnapshot = {
  at: 0,
  catalogSnapshot: undefined,
  staleSince: undefined,
  liveness: EMPTY_LIVENESS,
  changes: [],
};

/** Looks at the registry once for all viewers, only while there are any, and each of them gets what is new to it. */
export function createLiveUpdates({
  catalogReader,
  store,
  logger,
  maxViewers,
}: LiveUpdatesOptions): LiveUpdates {
  const id = randomUUID();
  const waitingViewers = createBlockingQueries();
  const stopped = new AbortController();
  const updates: { readonly number: number; readonly update: PageUpdate }[] = [];
  let snapshot = EMPTY_SNAPSHOT;
  let number = 0;
  let fullPage: { readonly number: number; readonly update: PageUpdate } | undefined;
  const viewers = new Set<AbortSignal>();
  let refreshing = false;

  const refresh = singleFlight(async () => {
    const next = await takeSnapshot(snapshot);
    const update = diffSnapshots(snapshot, next);
    snapshot = next;
    if (update !== undefined) {
      number += 1;
      updates.push({ number, update });
      if (updates.length > MAX_BUFFERED_UPDATES) updates.shift();
      waitingViewers.notifyAll();
    }
    return { snapshot, version: formatVersion(number) };
  });

  async function takeSnapshot(before: PageSnapshot): Promise<PageSnapshot> {
    const [catalogSnapshot, liveness, changes] = await Promise.all([
      catalogReader.read().catch((): undefined => undefined),
      store.liveness().catch(() => before.liveness),
      store.changeLog(MAX_CHANGES).catch(() => before.changes),
    ]);
    const at = Date.now();
    return { at, catalogSnapshot, staleSince: staleSince(before, catalogSnapshot, at), liveness, changes };
  }

  async function refreshLoop(): Promise<void> {
    if (refreshing) return;
    refreshing = true;
    while (viewers.size > 0 && !stopped.signal.aborted) {
      await refresh().catch((error: unknown) => logger.error(pageRefreshFailed, { error }));
      await pause(MIN_INTERVAL_MS);
      await waitForChange();
    }
    refreshing = false;
  }

  async function waitForChange(): Promise<void> {
    const { index } = snapshotCatalog(snapshot);
    const changed = catalogReader.readWhenChanged(
      (catalog) => catalog.index,
      index,
      MAX_INTERVAL_MS,
      stopped.signal,
    );
    await changed.catch(() => pause(MAX_INTERVAL_MS));
  }

  async function pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: stopped.signal }).catch(() => undefined);
  }

  async function* events(after: string | undefined, gone: AbortSignal): AsyncIterable<ServerSentEvent> {
    try {
      let seen = parseVersion(after);
      while (!gone.aborted && !waitingViewers.released) {
        if (!isBuffered(seen)) {
          seen = number;
          yield { id: formatVersion(seen), event: 'whole', data: wholePage() };
        }
        const missed = updates.filter((one) => one.number > seen);
        for (const { number: next, update } of missed) {
          seen = next;
          yield { id: formatVersion(next), event: 'update', data: update };
        }
        await waitingViewers.wait(() => number > seen, KEEP_ALIVE_MS, gone);
        if (number === seen) yield { id: formatVersion(seen), event: 'update', data: emptyUpdate(snapshot) };
      }
    } finally {
      viewers.delete(gone);
    }
  }

  function wholePage(): PageUpdate {
    if (fullPage?.number !== number) fullPage = { number, update: fullUpdate(snapshot) };
    return fullPage.update;
  }

  function isBuffered(seen: number): boolean {
    return seen === number || (seen >= (updates[0]?.number ?? Infinity) - 1 && seen < number);
  }

  function formatVersion(of: number): string {
    return `${id}.${of}`;
  }

  function parseVersion(version: string | undefined): number {
    return version?.startsWith(`${id}.`) ? Number(version.slice(id.length + 1)) : Number.NaN;
  }

  return {
    name: 'page',
    current: refresh,
    subscribe: (after, gone) => {
      if (waitingViewers.released)
        throw new RegistryDraining('This registry is stopping.', { retryAfter: 2 });
      if (viewers.size >= maxViewers)
        throw new TooManyViewers(`${maxViewers} watch this page already.`, { retryAfter: 10 });
      viewers.add(gone);
      void refreshLoop();
      return events(after, gone);
    },
    onDrain: async () => {
      stopped.abort();
      waitingViewers.releaseAll();
    },
  };
}

function staleSince(
  before: PageSnapshot,
  catalogSnapshot: CatalogSnapshot | undefined,
  at: number,
): number | undefined {
  return catalogSnapshot?.staleMs === undefined
    ? undefined
    : (before.staleSince ?? at - catalogSnapshot.staleMs);
}

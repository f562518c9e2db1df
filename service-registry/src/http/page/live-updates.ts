import { randomUUID } from 'node:crypto';
import { freshSingleFlight, sleep } from '@plaza/concurrency';
import type { Component, Logger, ServerSentEvent } from '@plaza/service-kit';
import type { CatalogReader, CatalogSnapshot } from '../../domain/catalog-reader.ts';
import type { InstanceStore } from '../../domain/registrations.service.ts';
import { RegistryDraining, TooManyViewers } from '../../domain/registry.errors.ts';
import { EMPTY_LIVENESS } from '../../domain/liveness.ts';
import { createBlockingQueries } from '../../domain/blocking-queries.ts';
import { diffSnapshots, emptyUpdate, fullUpdate } from './page-diff.ts';
import { snapshotCatalog, type PageSnapshot } from './page-snapshot.ts';
import type { PageUpdate } from './update.ts';
import { pageRefreshFailed } from '../../domain/registry.log-events.ts';

/** The page's content for all viewers. */
export interface LiveUpdates extends Component {
  /** The current snapshot, and the version from which `subscribe` continues. */
  current(): Promise<{ readonly snapshot: PageSnapshot; readonly version: string }>;
  /**
   * The updates after a version; first the whole page if that version is no longer buffered. Ends when the viewer
   * disconnects or the registry stops.
   * @throws {TooManyViewers} {RegistryDraining}
   */
  subscribe(after: string | undefined, gone: AbortSignal): AsyncIterable<ServerSentEvent>;
}

export interface LiveUpdatesOptions {
  readonly catalogReader: CatalogReader;
  readonly store: Pick<InstanceStore, 'liveness' | 'changeLog'>;
  readonly logger: Logger;
  readonly maxViewers: number;
}

/**
 * Milliseconds between two refreshes while the catalog stays the same: the maximum delay of heartbeats and probes on
 * the page.
 */
const MAX_INTERVAL_MS = 2_000;
/** Minimum milliseconds between two refreshes. */
const MIN_INTERVAL_MS = 200;
/** Updates buffered for viewers that reconnect. */
const MAX_BUFFERED_UPDATES = 50;
/** An empty update after this time shows the viewer that the connection is alive. */
const KEEP_ALIVE_MS = 15_000;
const MAX_CHANGES = 20;

const EMPTY_SNAPSHOT: PageSnapshot = {
  at: 0,
  catalogSnapshot: undefined,
  staleSince: undefined,
  liveness: EMPTY_LIVENESS,
  changes: [],
};

/**
 * Reads the registry once for all viewers, and only while there are viewers. Each viewer gets the updates after its
 * version.
 */
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

  const refresh = freshSingleFlight(async () => {
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

  function pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, { signal: stopped.signal });
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
        throw new RegistryDraining('This registry is stopping.', { reason: 'draining', retryAfter: 2 });
      if (viewers.size >= maxViewers)
        throw new TooManyViewers(`${maxViewers} watch this page already.`, {
          reason: 'stream_limit',
          retryAfter: 10,
        });
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

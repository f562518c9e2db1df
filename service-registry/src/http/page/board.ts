import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger, ServerSentEvent } from '@plaza/service-kit';
import type { Directory, Reading } from '../../domain/directory.ts';
import type { InstanceStore } from '../../domain/registrations.service.ts';
import { RegistryDraining, TooManyViewers } from '../../domain/registry.errors.ts';
import { sharedRun } from '../../domain/shared-run.ts';
import { NO_VITALS } from '../../domain/vitals.ts';
import { createWatchers } from '../../domain/watchers.ts';
import { difference, nothing, whole } from './difference.ts';
import { catalogueOf, type Picture } from './picture.ts';
import type { Update } from './update.ts';

/** What all viewers of the page look at. */
export interface Board extends Component {
  /** The page as it is now, and the version by which `watch` goes on from it. */
  look(): Promise<{ readonly picture: Picture; readonly version: string }>;
  /**
   * What changes on the page after a version; the whole page first where that version is not remembered. Ends when
   * the viewer has gone, or the registry stops. @throws {TooManyViewers} {RegistryDraining}
   */
  watch(after: string | undefined, gone: AbortSignal): AsyncIterable<ServerSentEvent>;
}

export interface BoardOptions {
  readonly directory: Directory;
  readonly store: Pick<InstanceStore, 'vitals' | 'recentChanges'>;
  readonly logger: Logger;
  readonly mostViewers: number;
  /** Milliseconds between two looks while nobody comes or goes: as often as heartbeats and probes are seen. */
  readonly everyMs: number;
}

/** Milliseconds between two looks however much changes. */
const LEAST_MS = 200;
/** Updates that are kept for those who come back. */
const REMEMBERED = 50;
/** So that a viewer knows that it is still connected. */
const STILL_MS = 15_000;
const MOST_CHANGES = 20;

const BLANK: Picture = { at: 0, reading: undefined, staleSince: undefined, vitals: NO_VITALS, changes: [] };

/** Looks at the registry once for all viewers, only while there are any, and each of them gets what is new to it. */
export function createBoard({ directory, store, logger, mostViewers, everyMs }: BoardOptions): Board {
  const id = randomUUID();
  const watchers = createWatchers();
  const stopped = new AbortController();
  const updates: { readonly number: number; readonly update: Update }[] = [];
  let picture = BLANK;
  let number = 0;
  let all: { readonly number: number; readonly update: Update } | undefined;
  const viewers = new Set<AbortSignal>();
  let looking = false;

  const look = sharedRun(async () => {
    const next = await take(picture);
    const update = difference(picture, next);
    picture = next;
    if (update !== undefined) {
      number += 1;
      updates.push({ number, update });
      if (updates.length > REMEMBERED) updates.shift();
      watchers.wake();
    }
    return { picture, version: versionOf(number) };
  });

  async function take(before: Picture): Promise<Picture> {
    const [reading, vitals, changes] = await Promise.all([
      directory.read().catch((): undefined => undefined),
      store.vitals().catch(() => before.vitals),
      store.recentChanges(MOST_CHANGES).catch(() => before.changes),
    ]);
    const at = Date.now();
    return { at, reading, staleSince: staleSince(before, reading, at), vitals, changes };
  }

  async function lookOn(): Promise<void> {
    if (looking) return;
    looking = true;
    while (viewers.size > 0 && !stopped.signal.aborted) {
      await look().catch((error: unknown) => logger.error('the page cannot be made', { error }));
      await pause(LEAST_MS);
      await change();
    }
    looking = false;
  }

  async function change(): Promise<void> {
    const { index } = catalogueOf(picture);
    const changed = directory.readAfter((catalogue) => catalogue.index, index, everyMs, stopped.signal);
    await changed.catch(() => pause(everyMs));
  }

  async function pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: stopped.signal }).catch(() => undefined);
  }

  async function* events(after: string | undefined, gone: AbortSignal): AsyncIterable<ServerSentEvent> {
    try {
      let seen = numberOf(after);
      while (!gone.aborted && !watchers.released) {
        if (!isRemembered(seen)) {
          seen = number;
          yield { id: versionOf(seen), event: 'whole', data: wholePage() };
        }
        const news = updates.filter((one) => one.number > seen);
        for (const { number: next, update } of news) {
          seen = next;
          yield { id: versionOf(next), event: 'update', data: update };
        }
        await watchers.wait(() => number > seen, STILL_MS, gone);
        if (number === seen) yield { id: versionOf(seen), event: 'update', data: nothing(picture) };
      }
    } finally {
      viewers.delete(gone);
    }
  }

  function wholePage(): Update {
    if (all?.number !== number) all = { number, update: whole(picture) };
    return all.update;
  }

  function isRemembered(seen: number): boolean {
    return seen === number || (seen >= (updates[0]?.number ?? Infinity) - 1 && seen < number);
  }

  function versionOf(of: number): string {
    return `${id}.${of}`;
  }

  function numberOf(version: string | undefined): number {
    return version?.startsWith(`${id}.`) ? Number(version.slice(id.length + 1)) : Number.NaN;
  }

  return {
    name: 'page',
    look,
    watch: (after, gone) => {
      if (watchers.released) throw new RegistryDraining('This registry is stopping.', { retryAfter: 2 });
      if (viewers.size >= mostViewers)
        throw new TooManyViewers(`${mostViewers} watch this page already.`, { retryAfter: 10 });
      viewers.add(gone);
      void lookOn();
      return events(after, gone);
    },
    drain: async () => {
      stopped.abort();
      watchers.release();
    },
  };
}

function staleSince(before: Picture, reading: Reading | undefined, at: number): number | undefined {
  return reading?.staleMs === undefined ? undefined : (before.staleSince ?? at - reading.staleMs);
}

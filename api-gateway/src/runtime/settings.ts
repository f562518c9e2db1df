import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Fleet } from '../workers/fleet.ts';

const FIELDS = 'gateway:settings';
const VERSION = 'gateway:settings:version';
/** Of what workers tell each other. */
const TOPIC = 'settings';
const entriesIn = z.array(z.tuple([z.string(), z.string()]));

/** Milliseconds between two looks at what others have set. */
const EVERY_MS = 500;
/** Milliseconds that a start waits for what is set: a version that gets no traffic must not get some at first. */
const START_MS = 1_000;

/** What is set at run time and holds over all processes and replicas of the gateway, by field. */
export interface SharedSettings {
  entries(): ReadonlyMap<string, string>;
  /** Sets a field, or takes it away. Resolves with whether the others will see it: Redis may be away. */
  set(field: string, value: string | undefined): Promise<boolean>;
  onChange(listener: () => void): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface SharedSettingsOptions {
  readonly redis: Redis;
  /** The other workers, who hear of it without Redis as well. */
  readonly fleet: Pick<Fleet, 'share' | 'onShared'>;
  readonly logger: Logger;
  /** Milliseconds between two looks at what others have set. Default 500. */
  readonly everyMs?: number;
}

/** Kept in Redis, with a number that each change raises; what is set while Redis is away is told when it is back. */
export function createSharedSettings({
  redis,
  fleet,
  logger,
  everyMs = EVERY_MS,
}: SharedSettingsOptions): SharedSettings {
  const closed = new AbortController();
  const listeners: (() => void)[] = [];
  const pending = new Map<string, string | undefined>();
  let fields = new Map<string, string>();
  let version: string | undefined;
  let following: Promise<void> | undefined;

  async function write(changes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const transaction = redis.multi();
    for (const [field, value] of changes) {
      if (value === undefined) transaction.hdel(FIELDS, field);
      else transaction.hset(FIELDS, field, value);
    }
    transaction.incr(VERSION);
    await transaction.exec();
  }

  /** A Redis that was emptied gets back what it knew. */
  async function look(): Promise<void> {
    if (redis.status !== 'ready') return;
    const current = await redis.get(VERSION);
    if (current === null && fields.size > 0)
      for (const [field, value] of fields) pending.set(field, pending.get(field) ?? value);
    if (pending.size > 0) {
      const changes = new Map(pending);
      await write(changes);
      for (const [field, value] of changes) if (pending.get(field) === value) pending.delete(field);
      logger.info('the settings that were made without Redis are shared', { fields: [...changes.keys()] });
    } else if (current === version || current === null) {
      version = current ?? undefined;
      return;
    }
    const [latest, all] = await Promise.all([redis.get(VERSION), redis.hgetall(FIELDS)]);
    version = latest ?? undefined;
    fields = new Map(Object.entries(all));
    changed();
  }

  function changed(): void {
    for (const listener of listeners) listener();
  }

  async function follow(): Promise<void> {
    while (!closed.signal.aborted) {
      // Redis says itself that it is away.
      await look().catch((error: unknown) => logger.debug('the settings cannot be read', { error }));
      await wait(everyMs, undefined, { signal: closed.signal, ref: false }).catch(() => undefined);
    }
  }

  fleet.onShared(TOPIC, (text) => {
    fields = new Map(entriesIn.parse(JSON.parse(text)));
    changed();
  });

  async function known(): Promise<void> {
    while (redis.status !== 'ready' && !closed.signal.aborted) await wait(20, undefined, { ref: false });
    await look();
  }

  return {
    entries: () => fields,
    set: async (field, value) => {
      if (value === undefined) fields.delete(field);
      else fields.set(field, value);
      pending.set(field, value);
      fleet.share(TOPIC, JSON.stringify([...fields]));
      const shared = await look().then(
        () => !pending.has(field),
        () => false,
      );
      if (!shared) {
        logger.warn('Redis is away: what was set holds for this process alone until it is back', { field });
        changed();
      }
      return shared;
    },
    onChange: (listener) => void listeners.push(listener),
    start: async () => {
      const late = wait(START_MS, undefined, { signal: closed.signal, ref: false });
      await Promise.race([known(), late]).catch(() => undefined);
      following = follow();
    },
    close: async () => {
      closed.abort();
      await following;
    },
  };
}

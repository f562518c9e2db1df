import { backoffDelay, createSerialQueue, settlesWithin } from '@plaza/concurrency';
import type { Component, Logger } from '@plaza/service-kit';
import type { ServiceRegistration, RegistrationState } from './service-instance.ts';
import type { RegistryClient } from './registry-client.ts';
import {
  instanceRegistered,
  instanceRegistrationFailed,
  instanceUnregistrationFailed,
} from './discovery.log-events.ts';

export interface RegistrationOptions {
  readonly registry: RegistryClient;
  readonly self: Omit<ServiceRegistration, 'state' | 'ttlMs'>;
  readonly logger: Logger;
  /** Milliseconds between heartbeats. Default 5,000. */
  readonly heartbeatIntervalMs?: number;
}

export interface RegistrationComponent extends Component {
  /** Whether the registry took the last heartbeat. */
  isRegistered(): boolean;
}

const HEARTBEAT_INTERVAL_MS = 5_000;
/** Three heartbeats: two may get lost. */
const TTL_MS = 15_000;
const FIRST_RETRY_MS = 500;
/** A stop has ten seconds in all: the registry gets this much of it, twice. */
const FAREWELL_MS = 1_000;

/**
 * Keeps this process in the registry: registers once it is ready, tells everything anew with each heartbeat (so
 * an emptied registry heals in one beat), says `draining` when a stop begins, and takes itself out at the end. A
 * registry that is away holds up nothing: it is tried again with backoff, and the log says so once.
 */
export function createRegistration(options: RegistrationOptions): RegistrationComponent {
  const { registry, self, logger, heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS } = options;
  const closed = new AbortController();
  let state: RegistrationState = 'up';
  let failures = 0;
  let announced = false;
  let registered = false;
  let timer: NodeJS.Timeout | undefined;
  /** One call at a time, so that an `up` cannot overtake the `draining` that came after it. */
  const queue = createSerialQueue();

  const sendHeartbeat = () => queue.run(send);

  async function send(): Promise<void> {
    clearTimeout(timer);
    if (closed.signal.aborted) return;
    try {
      await registry.upsert({ ...self, state, ttlMs: TTL_MS }, closed.signal);
      if (!registered) logger.info(instanceRegistered, { instanceId: self.instanceId, url: self.url, state });
      registered = true;
      failures = 0;
    } catch (error) {
      if (closed.signal.aborted) return;
      if (failures === 0) logger.warn(instanceRegistrationFailed, { reason: String(error) });
      registered = false;
      failures += 1;
    }
    const pause =
      failures === 0
        ? heartbeatIntervalMs
        : backoffDelay(failures, { firstMs: FIRST_RETRY_MS, maxMs: heartbeatIntervalMs });
    timer = setTimeout(() => void sendHeartbeat(), pause);
  }

  return {
    name: 'registration',
    isRegistered: () => registered,
    onReady: () => {
      announced = true;
      return sendHeartbeat();
    },
    onDrain: async () => {
      if (!announced) return;
      state = 'draining';
      await settlesWithin(sendHeartbeat(), FAREWELL_MS);
    },
    close: async () => {
      closed.abort();
      await queue.whenIdle();
      clearTimeout(timer);
      if (!announced) return;
      await registry.unregister(self, AbortSignal.timeout(FAREWELL_MS)).catch((error: unknown) => {
        logger.warn(instanceUnregistrationFailed, { reason: String(error) });
      });
    },
  };
}

import { sleep, TimeoutError, withTimeout } from '@plaza/concurrency';
import type { HealthCheckRegistry } from './health.ts';
import type { Logger } from './logger.ts';
import { componentStopFailed, stopDeadlinePassed } from './service-kit.log-events.ts';

/**
 * Something with a lifetime: a connection, a consumer, a registration. Every hook is optional; hooks of
 * one phase run in the order of adding on the way up and in the reverse order on the way down.
 */
export interface Component {
  readonly name: string;
  /** Becomes usable. Waits for a late dependency with backoff instead of failing; ends when aborted. */
  start?(signal: AbortSignal): Promise<void>;
  /** Everything is ready: tell the world. */
  onReady?(): Promise<void>;
  /** A stop has begun: tell the world to go elsewhere. */
  onDrain?(): Promise<void>;
  /** The last request is answered: stop consuming, flush. */
  onStopped?(): Promise<void>;
  /** Let go of connections. */
  close?(): Promise<void>;
}

export interface Lifecycle {
  add(component: Component): void;
  /** Starts all components and runs their `onReady`; resolves when the service is ready. */
  start(): Promise<void>;
  /**
   * Not ready → `onDrain` → wait → `closeHttp` → `onStopped` → `close`. Resolves with whether all of it ended
   * by itself before the deadline. A second call gives the first call's promise.
   */
  stop(closeHttp: () => Promise<void>): Promise<boolean>;
}

export interface LifecycleOptions {
  readonly logger: Logger;
  readonly health: HealthCheckRegistry;
  /** Milliseconds between saying "draining" and closing. */
  readonly drainMs: number;
  /** Milliseconds after which a stop is given up. */
  readonly deadlineMs: number;
}

export function createLifecycle({ logger, health, drainMs, deadlineMs }: LifecycleOptions): Lifecycle {
  const components: Component[] = [];
  const starting = new AbortController();
  let stopping: Promise<boolean> | undefined;

  /** One component's failure to stop must not keep the others from stopping. */
  async function runHooks(hook: 'onDrain' | 'onStopped' | 'close') {
    for (const component of components.toReversed()) {
      try {
        await component[hook]?.();
      } catch (error) {
        logger.error(componentStopFailed, { component: component.name, hook, error });
      }
    }
  }

  async function stopAll(closeHttp: () => Promise<void>) {
    starting.abort();
    health.setNotReady('draining');
    await runHooks('onDrain');
    await sleep(drainMs);
    await closeHttp();
    await runHooks('onStopped');
    await runHooks('close');
    return true;
  }

  return {
    add: (component) => {
      components.push(component);
    },
    start: async () => {
      await Promise.all(components.map(async (component) => component.start?.(starting.signal)));
      if (starting.signal.aborted) return;
      health.setNotReady(undefined);
      for (const component of components) await component.onReady?.();
    },
    stop: (closeHttp) => {
      stopping ??= withTimeout(stopAll(closeHttp), deadlineMs).catch((error: unknown) => {
        if (!(error instanceof TimeoutError)) throw error;
        logger.error(stopDeadlinePassed, { deadlineMs });
        return false;
      });
      return stopping;
    },
  };
}

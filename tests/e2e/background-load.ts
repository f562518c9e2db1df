import { setInterval as every } from 'node:timers/promises';
import type { GatewayResponse } from '../seed/gateway-client.ts';

/** The result of a load. */
export interface LoadStatistics {
  readonly calls: number;
  /** Failed calls, with the seconds since the start of the load. */
  readonly failures: readonly string[];
  readonly slowestMs: number;
}

export interface BackgroundLoad {
  /** The number of finished calls. */
  completedCalls(): number;
  /** Waits for the active calls. */
  stop(): Promise<LoadStatistics>;
}

/** Makes a fixed number of calls per second (an open-loop load), and expects the status of each. */
export function startBackgroundLoad(
  perSecond: number,
  status: number,
  call: () => Promise<GatewayResponse>,
): BackgroundLoad {
  const stopping = new AbortController();
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  let calls = 0;
  let slowestMs = 0;

  async function make(): Promise<void> {
    const made = performance.now();
    const failed = (what: string) => failures.push(`${((made - began) / 1_000).toFixed(2)} s: ${what}`);
    try {
      const response = await call();
      if (response.status !== status) failed(`${response.status} ${response.text}`);
    } catch (error) {
      failed(String(error));
    }
    calls += 1;
    slowestMs = Math.max(slowestMs, performance.now() - made);
  }

  async function run(): Promise<void> {
    for await (const _ of every(1_000 / perSecond, undefined, { signal: stopping.signal })) {
      const made = make();
      underWay.add(made);
      void made.then(() => underWay.delete(made));
    }
  }

  const running = run().catch(() => undefined); // an abort ends it
  return {
    completedCalls: () => calls,
    stop: async () => {
      stopping.abort();
      await running;
      await Promise.all(underWay);
      return { calls, failures, slowestMs: Math.round(slowestMs) };
    },
  };
}

/** Stops the loads; throws if a call failed, or if a load made too few calls. */
export async function expectNoFailure(loads: readonly BackgroundLoad[], leastCalls = 50): Promise<void> {
  for (const statistics of await Promise.all(loads.map((load) => load.stop()))) {
    const { calls, failures } = statistics;
    if (failures.length > 0)
      throw new Error(`${failures.length} of ${calls} calls failed:\n${failures.slice(0, 10).join('\n')}`);
    if (calls < leastCalls) throw new Error(`Only ${calls} calls were made.`);
  }
}

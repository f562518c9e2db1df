import { connect } from 'node:net';
import { once } from 'node:events';
import { request } from 'undici';
import { startPeriodicJob } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import type { ActiveHealthcheck } from '../kong-config/model/entities.ts';
import type { Endpoint } from './endpoint.ts';
import { activeCheckFailed, activeCheckPassed } from './balancer.log-events.ts';

/**
 * Share of healthy endpoints below which all are used: then the checks are more likely at fault than the
 * endpoints.
 */
const PANIC_THRESHOLD = 0.5;

/** Kong's active health checks, for targets that are addresses: the registry does not check those. */
export interface ActiveChecks {
  /** The healthy endpoints; all of them if too few are healthy. The same array until that changes. */
  healthy(endpoints: readonly Endpoint[]): readonly Endpoint[];
  isUnhealthy(endpoint: Endpoint): boolean;
  close(): void;
}

export interface ActiveChecksOptions {
  readonly upstream: string;
  readonly check: ActiveHealthcheck;
  readonly endpoints: () => readonly Endpoint[];
  readonly logger: Logger;
}

interface CheckState {
  failing: boolean;
  successes: number;
  /** In a row. */
  failures: number;
}

type ProbeResult = 'success' | 'neither' | 'http' | 'tcp' | 'timeout';

export function createActiveChecks({
  upstream,
  check,
  endpoints,
  logger,
}: ActiveChecksOptions): ActiveChecks {
  const states = new Map<string, CheckState>();
  const stopped = new AbortController();
  let version = 0;
  let last:
    | { readonly of: readonly Endpoint[]; readonly version: number; readonly passing: readonly Endpoint[] }
    | undefined;

  function stateOf({ instanceId }: Endpoint): CheckState {
    const state = states.get(instanceId) ?? { failing: false, successes: 0, failures: 0 };
    states.set(instanceId, state);
    return state;
  }

  function recordResult(endpoint: Endpoint, result: ProbeResult): void {
    if (result === 'neither') return;
    const state = stateOf(endpoint);
    const before = state.failing;
    if (result === 'success') {
      state.failures = 0;
      state.successes += 1;
      if (state.successes >= (check.healthy.successes || Infinity)) state.failing = false;
    } else {
      state.successes = 0;
      state.failures += 1;
      if (state.failures >= (failureThresholds(check)[result] || Infinity)) state.failing = true;
    }
    if (state.failing === before) return;
    version += 1;
    const { instanceId, url } = endpoint;
    logger.warn(state.failing ? activeCheckFailed : activeCheckPassed, { upstream, instanceId, url });
  }

  async function checkAll(state: 'healthy' | 'unhealthy'): Promise<void> {
    const due = endpoints().filter((endpoint) => stateOf(endpoint).failing === (state === 'unhealthy'));
    for (let first = 0; first < due.length; first += check.concurrency) {
      const batch = due.slice(first, first + check.concurrency);
      await Promise.all(
        batch.map(async (endpoint) => recordResult(endpoint, await probe(check, endpoint, stopped.signal))),
      );
    }
  }

  const jobs = (['healthy', 'unhealthy'] as const).flatMap((state) => {
    const { intervalMs } = check[state];
    if (intervalMs <= 0) return [];
    return [startPeriodicJob({ run: () => checkAll(state), intervalMs, ref: false })];
  });

  return {
    healthy: (all) => {
      if (last?.of === all && last.version === version) return last.passing;
      const passing = all.filter((endpoint) => states.get(endpoint.instanceId)?.failing !== true);
      last = { of: all, version, passing: passing.length < PANIC_THRESHOLD * all.length ? all : passing };
      return last.passing;
    },
    isUnhealthy: ({ instanceId }) => states.get(instanceId)?.failing ?? false,
    close: () => {
      stopped.abort();
      for (const job of jobs) void job.stop();
    },
  };
}

function failureThresholds({
  unhealthy,
}: ActiveHealthcheck): Readonly<Record<'http' | 'tcp' | 'timeout', number>> {
  return { http: unhealthy.httpFailures, tcp: unhealthy.tcpFailures, timeout: unhealthy.timeouts };
}

async function probe(
  check: ActiveHealthcheck,
  { origin }: Endpoint,
  stopped: AbortSignal,
): Promise<ProbeResult> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(check.timeoutMs)]);
  try {
    if (check.type === 'tcp') {
      const socket = connect(origin.port, origin.hostname);
      await once(socket, 'connect', { signal }).finally(() => socket.destroy());
      return 'success';
    }
    const { statusCode, body } = await request(`${check.type}://${origin.host}${check.httpPath}`, {
      headers: Object.fromEntries([...check.headers].map(([name, values]) => [name, [...values]])),
      signal,
    });
    await body.dump();
    if (check.unhealthy.httpStatuses.has(statusCode)) return 'http';
    return check.healthy.httpStatuses.has(statusCode) ? 'success' : 'neither';
  } catch {
    return signal.aborted && !stopped.aborted ? 'timeout' : 'tcp';
  }
}

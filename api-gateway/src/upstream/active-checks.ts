import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { request } from 'undici';
import type { Logger } from '@plaza/service-kit';
import type { ActiveHealthcheck } from '../declaration/declaration.ts';
import type { Peer } from './peer.ts';

/** Where too many fail, everybody is tried: what the checks see is then more likely the checks' own fault. */
const PANIC_BELOW = 0.5;

/** Asks the targets that no registry asks how they are, by Kong's rules. */
export interface ActiveChecks {
  /** Those that do not fail; everybody where that would be too few. The same array until that changes. */
  passing(peers: readonly Peer[]): readonly Peer[];
  isFailing(peer: Peer): boolean;
  close(): void;
}

export interface ActiveChecksOptions {
  readonly upstream: string;
  readonly check: ActiveHealthcheck;
  readonly peers: () => readonly Peer[];
  readonly logger: Logger;
}

interface Standing {
  failing: boolean;
  successes: number;
  /** In a row, by what it was. */
  failures: number;
}

type Finding = 'success' | 'neither' | 'http' | 'tcp' | 'timeout';

export function createActiveChecks({ upstream, check, peers, logger }: ActiveChecksOptions): ActiveChecks {
  const standings = new Map<string, Standing>();
  const stopped = new AbortController();
  let version = 0;
  let last:
    { readonly of: readonly Peer[]; readonly version: number; readonly passing: readonly Peer[] } | undefined;

  function standingOf({ instanceId }: Peer): Standing {
    const standing = standings.get(instanceId) ?? { failing: false, successes: 0, failures: 0 };
    standings.set(instanceId, standing);
    return standing;
  }

  function note(peer: Peer, finding: Finding): void {
    if (finding === 'neither') return;
    const standing = standingOf(peer);
    const before = standing.failing;
    if (finding === 'success') {
      standing.failures = 0;
      standing.successes += 1;
      if (standing.successes >= (check.healthy.successes || Infinity)) standing.failing = false;
    } else {
      standing.successes = 0;
      standing.failures += 1;
      if (standing.failures >= (limits(check)[finding] || Infinity)) standing.failing = true;
    }
    if (standing.failing === before) return;
    version += 1;
    const words = standing.failing ? 'fails its checks' : 'passes its checks again';
    logger.warn(`${peer.url} ${words}`, { upstream, instanceId: peer.instanceId });
  }

  async function follow(state: 'healthy' | 'unhealthy', intervalMs: number): Promise<void> {
    while (!stopped.signal.aborted) {
      await wait(intervalMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      const due = peers().filter((peer) => standingOf(peer).failing === (state === 'unhealthy'));
      for (let first = 0; first < due.length; first += check.concurrency) {
        const batch = due.slice(first, first + check.concurrency);
        await Promise.all(batch.map(async (peer) => note(peer, await probe(check, peer, stopped.signal))));
      }
    }
  }

  if (check.healthy.intervalMs > 0) void follow('healthy', check.healthy.intervalMs);
  if (check.unhealthy.intervalMs > 0) void follow('unhealthy', check.unhealthy.intervalMs);

  return {
    passing: (all) => {
      if (last?.of === all && last.version === version) return last.passing;
      const passing = all.filter((peer) => standings.get(peer.instanceId)?.failing !== true);
      last = { of: all, version, passing: passing.length < PANIC_BELOW * all.length ? all : passing };
      return last.passing;
    },
    isFailing: ({ instanceId }) => standings.get(instanceId)?.failing ?? false,
    close: () => stopped.abort(),
  };
}

function limits({ unhealthy }: ActiveHealthcheck): Readonly<Record<'http' | 'tcp' | 'timeout', number>> {
  return { http: unhealthy.httpFailures, tcp: unhealthy.tcpFailures, timeout: unhealthy.timeouts };
}

async function probe(check: ActiveHealthcheck, { origin }: Peer, stopped: AbortSignal): Promise<Finding> {
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

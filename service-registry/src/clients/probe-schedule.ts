import { allInstances, type Catalog } from '../domain/catalog.ts';
import type { CheckStatus, HttpCheck } from '../domain/check.ts';
import { qualifiedName, type Instance } from '../domain/instance.ts';
import { countProbe, initialCounters, type CheckCounters } from '../domain/check-thresholds.ts';

/** One check of one instance. */
export interface ProbeTarget {
  readonly key: string;
  readonly instance: Instance;
  readonly check: HttpCheck;
}

interface ScheduledProbe extends ProbeTarget {
  readonly counters: CheckCounters;
  readonly dueAt: number;
}

/** The probes that are due, and the counted results of each check. Times are milliseconds of a monotonic clock. */
export interface ProbeSchedule {
  /**
   * Adds the checks of new instances and drops those of removed ones. The first catalog is spread over the interval.
   */
  update(catalog: Catalog, now: number): void;
  clear(): void;
  /** The checks that are due, the longest overdue first. */
  due(now: number): Iterable<ProbeTarget>;
  /** The status of a check after a probe of `askedAt`; undefined if the check has changed or is gone. */
  recordResult(target: ProbeTarget, status: CheckStatus, askedAt: number): CheckStatus | undefined;
}

/** A new instance is probed within a second: instances of Consul's clients are not passing before. */
const MAX_INITIAL_DELAY_MS = 1_000;
/** Jitter of 10 %, so that instances that registered together are not probed together. */
const JITTER = 0.1;

/** @param defaultIntervalMs between two probes of a check without an interval of its own. @param random in [0, 1). */
export function createProbeSchedule(defaultIntervalMs: number, random: () => number): ProbeSchedule {
  /** The last probed check is at the end, so that no check is probed twice while others wait. */
  const probes = new Map<string, ScheduledProbe>();
  let latestCatalog: Catalog | undefined;

  const intervalOf = ({ intervalMs = defaultIntervalMs }: HttpCheck) => intervalMs;

  function firstProbe(target: ProbeTarget, counters: CheckCounters, now: number): ScheduledProbe {
    const interval = intervalOf(target.check);
    const maxDelayMs = latestCatalog === undefined ? interval : Math.min(MAX_INITIAL_DELAY_MS, interval);
    return { ...target, counters, dueAt: now + random() * maxDelayMs };
  }

  return {
    update: (catalog, now) => {
      if (catalog === latestCatalog) return;
      const wanted = findTargets(catalog);
      for (const [key, scheduled] of probes) {
        const target = wanted.get(key);
        if (target === undefined || !isSameProbe(scheduled, target)) probes.delete(key);
      }
      for (const [key, { counters, ...target }] of wanted) {
        const known = probes.get(key);
        probes.set(key, known === undefined ? firstProbe(target, counters, now) : { ...known, ...target });
      }
      latestCatalog = catalog;
    },
    clear: () => {
      probes.clear();
      latestCatalog = undefined;
    },
    *due(now) {
      for (const scheduled of probes.values()) if (scheduled.dueAt <= now) yield scheduled;
    },
    recordResult: (target, status, askedAt) => {
      const current = probes.get(target.key);
      if (current === undefined || !isSameProbe(target, current)) return undefined;
      const counters = countProbe(current.counters, current.check, status);
      const dueAt = askedAt + intervalOf(current.check) * (1 - JITTER + 2 * JITTER * random());
      probes.delete(target.key);
      probes.set(target.key, { ...current, counters, dueAt });
      return counters.status;
    },
  };
}

function findTargets(catalog: Catalog): Map<string, ProbeTarget & { counters: CheckCounters }> {
  const found = new Map<string, ProbeTarget & { counters: CheckCounters }>();
  for (const instance of allInstances(catalog)) {
    for (const check of instance.checks) {
      if (check.kind !== 'http') continue;
      const key = `${qualifiedName(instance)}/${check.id}`;
      found.set(key, { key, instance, check, counters: initialCounters(check) });
    }
  }
  return found;
}

/** Whether the counted results still apply: the same process, probed in the same way. */
function isSameProbe(one: ProbeTarget, other: ProbeTarget): boolean {
  if (one.instance === other.instance) return true;
  if (one.instance.incarnation !== other.instance.incarnation) return false;
  return JSON.stringify(probeSettings(one.check)) === JSON.stringify(probeSettings(other.check));
}

function probeSettings({ url, method, headers, intervalMs, timeoutMs }: HttpCheck) {
  return { url, method, headers, intervalMs, timeoutMs };
}

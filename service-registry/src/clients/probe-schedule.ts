import { allInstances, type Catalog } from '../domain/catalog.ts';
import type { CheckStatus, HttpCheck } from '../domain/check.ts';
import { qualifiedName, type Instance } from '../domain/instance.ts';
import { countProbe, initialCounters, type CheckCounters } from '../domain/check-thresholds.ts';

/** One check of one process. */
export interface ProbeTarget {
  readonly key: string;
  readonly instance: Instance;
  readonly check: HttpCheck;
}

interface ScheduledProbe extends ProbeTarget {
  readonly counters: CheckCounters;
  readonly dueAt: number;
}

/** Whom to ask when, and what their answers come to. Times are milliseconds of any one clock. */
export interface ProbeSchedule {
  /** Takes in who came and forgets who went. Whoever begins spreads the first round over the interval. */
  update(catalog: Catalog, now: number): void;
  clear(): void;
  /** Those who should be asked, whoever waits longest first. */
  due(now: number): Iterable<ProbeTarget>;
  /** What a check comes to with the result of a probe of `askedAt`; undefined where it is not probed so any more. */
  recordResult(target: ProbeTarget, status: CheckStatus, askedAt: number): CheckStatus | undefined;
}

/** Who is new is asked within a second: Consul's clients are not passing before. */
const MAX_INITIAL_DELAY_MS = 1_000;
/** An interval is a tenth longer or shorter, so that those who registered together are not asked together. */
const JITTER = 0.1;

/** @param defaultIntervalMs between two probes of a check that names no interval. @param random in [0, 1). */
export function createProbeSchedule(defaultIntervalMs: number, random: () => number): ProbeSchedule {
  /** The one that was asked last at the end: so nobody is asked twice while others wait. */
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

/** Whether what was counted holds: it is the same process, asked the same way. */
function isSameProbe(one: ProbeTarget, other: ProbeTarget): boolean {
  if (one.instance === other.instance) return true;
  if (one.instance.incarnation !== other.instance.incarnation) return false;
  return JSON.stringify(probeSettings(one.check)) === JSON.stringify(probeSettings(other.check));
}

function probeSettings({ url, method, headers, intervalMs, timeoutMs }: HttpCheck) {
  return { url, method, headers, intervalMs, timeoutMs };
}

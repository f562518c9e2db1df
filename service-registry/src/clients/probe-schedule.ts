import { allInstances, type Catalogue } from '../domain/catalogue.ts';
import type { CheckStatus, HttpCheck } from '../domain/check.ts';
import { nameOf, type Instance } from '../domain/instance.ts';
import { counted, tallyOf, type Tally } from '../domain/tally.ts';

/** One check of one process. */
export interface Target {
  readonly key: string;
  readonly instance: Instance;
  readonly check: HttpCheck;
}

interface Scheduled extends Target {
  readonly tally: Tally;
  readonly dueAt: number;
}

/** Whom to ask when, and what their answers come to. Times are milliseconds of any one clock. */
export interface ProbeSchedule {
  /** Takes in who came and forgets who went. Whoever begins spreads the first round over the interval. */
  follow(catalogue: Catalogue, now: number): void;
  forgetAll(): void;
  /** Those who should be asked, whoever waits longest first. */
  due(now: number): Iterable<Target>;
  /** What a check comes to with an answer to a question of `askedAt`; undefined where it is not asked so any more. */
  answered(target: Target, seen: CheckStatus, askedAt: number): CheckStatus | undefined;
}

/** Who is new is asked within a second: Consul's clients are not passing before. */
const FIRST_WITHIN_MS = 1_000;
/** An interval is a tenth longer or shorter, so that those who registered together are not asked together. */
const JITTER = 0.1;

/** @param everyMs between two probes of a check that names no interval. @param random in [0, 1). */
export function createProbeSchedule(everyMs: number, random: () => number): ProbeSchedule {
  /** The one that was asked last at the end: so nobody is asked twice while others wait. */
  const schedule = new Map<string, Scheduled>();
  let followed: Catalogue | undefined;

  const intervalOf = ({ intervalMs = everyMs }: HttpCheck) => intervalMs;

  function firstOf(target: Target, tally: Tally, now: number): Scheduled {
    const interval = intervalOf(target.check);
    const within = followed === undefined ? interval : Math.min(FIRST_WITHIN_MS, interval);
    return { ...target, tally, dueAt: now + random() * within };
  }

  return {
    follow: (catalogue, now) => {
      if (catalogue === followed) return;
      const wanted = targetsIn(catalogue);
      for (const [key, scheduled] of schedule) {
        const target = wanted.get(key);
        if (target === undefined || !isSame(scheduled, target)) schedule.delete(key);
      }
      for (const [key, { tally, ...target }] of wanted) {
        const known = schedule.get(key);
        schedule.set(key, known === undefined ? firstOf(target, tally, now) : { ...known, ...target });
      }
      followed = catalogue;
    },
    forgetAll: () => {
      schedule.clear();
      followed = undefined;
    },
    *due(now) {
      for (const scheduled of schedule.values()) if (scheduled.dueAt <= now) yield scheduled;
    },
    answered: (target, seen, askedAt) => {
      const current = schedule.get(target.key);
      if (current === undefined || !isSame(target, current)) return undefined;
      const tally = counted(current.tally, current.check, seen);
      const dueAt = askedAt + intervalOf(current.check) * (1 - JITTER + 2 * JITTER * random());
      schedule.delete(target.key);
      schedule.set(target.key, { ...current, tally, dueAt });
      return tally.status;
    },
  };
}

function targetsIn(catalogue: Catalogue): Map<string, Target & { tally: Tally }> {
  const found = new Map<string, Target & { tally: Tally }>();
  for (const instance of allInstances(catalogue)) {
    for (const check of instance.checks) {
      if (check.kind !== 'http') continue;
      const key = `${nameOf(instance)}/${check.id}`;
      found.set(key, { key, instance, check, tally: tallyOf(check) });
    }
  }
  return found;
}

/** Whether what was counted holds: it is the same process, asked the same way. */
function isSame(one: Target, other: Target): boolean {
  if (one.instance === other.instance) return true;
  if (one.instance.incarnation !== other.instance.incarnation) return false;
  return JSON.stringify(wayOf(one.check)) === JSON.stringify(wayOf(other.check));
}

function wayOf({ url, method, headers, intervalMs, timeoutMs }: HttpCheck) {
  return { url, method, headers, intervalMs, timeoutMs };
}

import { setTimeout as wait } from 'node:timers/promises';
import type { Component } from '@plaza/service-kit';
import { allInstances, type Catalogue } from '../domain/catalogue.ts';
import type { HttpCheck, Observation, Verdict } from '../domain/check.ts';
import type { Directory } from '../domain/directory.ts';
import { nameOf, type Instance } from '../domain/instance.ts';
import type { InstanceStore } from '../domain/registrations.service.ts';
import { counted, tallyOf, type Tally } from '../domain/tally.ts';
import type { Probe } from './http-probe.ts';

export interface ProberOptions {
  readonly directory: Pick<Directory, 'known'>;
  readonly store: Pick<InstanceStore, 'report'>;
  readonly probe: Probe;
  /** Whether it is this replica that probes. */
  readonly onDuty: () => boolean;
  /** Milliseconds between two probes of a check that names no interval. */
  readonly everyMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onProbed: (seen: Observation) => void;
}

/** One check of one process, and when it is asked again. */
interface Target {
  readonly instance: Instance;
  readonly check: HttpCheck;
  readonly tally: Tally;
  readonly dueAt: number;
}

const MOST_AT_ONCE = 50;
const TICK_MS = 100;
/** Who is new is asked within a second: Consul's clients are not passing before. */
const FIRST_WITHIN_MS = 1_000;
/** An interval is a tenth longer or shorter, so that those who registered together are not asked together. */
const JITTER = 0.1;

/** Asks the instances that declare a check over HTTP, at most 50 at once, and tells the store what they come to. */
export function createProber(options: ProberOptions): Component {
  const { directory, store, probe, onDuty, everyMs, random, onProbed } = options;
  const closed = new AbortController();
  /** By check, the one that was asked last at the end: so nobody waits while others are asked twice. */
  const targets = new Map<string, Target>();
  const asking = new Map<string, Promise<void>>();
  let followed: Catalogue | undefined;
  let probing: Promise<void> | undefined;

  const intervalOf = ({ intervalMs = everyMs }: HttpCheck) => intervalMs;

  /** Takes in who came, forgets who went. Whoever takes duty over spreads the first round over the interval. */
  function follow(catalogue: Catalogue): void {
    if (catalogue === followed) return;
    const takingOver = followed === undefined;
    followed = catalogue;
    const wanted = httpChecksOf(catalogue);
    for (const [key, target] of targets) {
      const now = wanted.get(key);
      if (now === undefined || !isSame(target, now)) targets.delete(key);
    }
    for (const [key, { instance, check }] of wanted) {
      const known = targets.get(key);
      const within = takingOver ? intervalOf(check) : Math.min(FIRST_WITHIN_MS, intervalOf(check));
      const first = { check, tally: tallyOf(check), dueAt: performance.now() + random() * within };
      targets.set(key, { ...(known ?? first), instance });
    }
  }

  function askWhoIsDue(): void {
    const now = performance.now();
    for (const [key, target] of targets) {
      if (asking.size >= MOST_AT_ONCE) return;
      if (target.dueAt > now || asking.has(key)) continue;
      asking.set(
        key,
        ask(key, target).finally(() => asking.delete(key)),
      );
    }
  }

  async function ask(key: string, target: Target): Promise<void> {
    const { instance, check } = target;
    const dueAt = performance.now() + intervalOf(check) * (1 - JITTER + 2 * JITTER * random());
    const seen = await probe(check, closed.signal);
    const current = targets.get(key);
    if (closed.signal.aborted || current === undefined || !isSame(target, current)) return;
    onProbed(seen);
    const tally = counted(target.tally, check, seen.status);
    targets.delete(key);
    targets.set(key, { ...current, tally, dueAt });
    const { incarnation } = instance;
    const report = {
      kind: 'http',
      checkId: check.id,
      of: instance,
      incarnation,
      status: tally.status,
      seen,
    } as const;
    // Where Redis is away, the next probe tells as much.
    await store.report(report).catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      const catalogue = onDuty() ? directory.known()?.catalogue : undefined;
      if (catalogue === undefined) {
        targets.clear();
        followed = undefined;
      } else {
        follow(catalogue);
        askWhoIsDue();
      }
      await wait(TICK_MS, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    name: 'prober',
    announce: async () => {
      probing = run();
    },
    close: async () => {
      closed.abort();
      await probing;
      await Promise.all(asking.values());
    },
  };
}

function httpChecksOf(catalogue: Catalogue) {
  const found = new Map<string, { instance: Instance; check: HttpCheck & Verdict }>();
  for (const instance of allInstances(catalogue))
    for (const check of instance.checks)
      if (check.kind === 'http') found.set(`${nameOf(instance)}/${check.id}`, { instance, check });
  return found;
}

/** Whether what was counted holds: it is the same process, asked the same way. */
function isSame(one: Pick<Target, 'instance' | 'check'>, other: Pick<Target, 'instance' | 'check'>): boolean {
  if (one.instance === other.instance) return true;
  if (one.instance.incarnation !== other.instance.incarnation) return false;
  return JSON.stringify(wayOf(one.check)) === JSON.stringify(wayOf(other.check));
}

function wayOf({ url, method, headers, intervalMs, timeoutMs }: HttpCheck) {
  return { url, method, headers, intervalMs, timeoutMs };
}

import type { CircuitState, Listening } from '@plaza/resilience';
import type { Candidate } from '../balancer/balancer.ts';
import { createNews, type NewsOptions, type StateChange } from './news.ts';
import { RULES, Standing, type Failure, type Rules } from './standing.ts';

/** `upstream` is the service whose instances they are, as it stands in metrics and in the log. */
export interface EjectionOptions extends Partial<Rules>, NewsOptions {
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
  /** Ejections are ignored where less than this share of the candidates would be left. Default 0.5. */
  readonly panicBelow?: number;
}

/** By the id, so that any object that stands for an instance will do. */
type Who = Pick<Candidate, 'instanceId'>;

/**
 * Knows from the calls themselves which instances of one service are fit to be called: passive health checking,
 * after Envoy's outlier detection. Five failures in a row, or one refused connection, eject an instance for a
 * probation of 5 s, 10 s, 20 s and so on; then one call is its trial. Say `began` for each call, and then one of
 * `succeeded`, `failed` and `abandoned`. Each is one look into a map, 15 ns for all of a call, and nothing is
 * allocated while nobody fails. It is a circuit breaker for each instance, and its states bear a breaker's names.
 */
export interface Ejection<T extends Candidate = Candidate> {
  /**
   * Those that may be called: the ejected are left out, unless that would leave too few (panic). Never empty
   * where the candidates are not. The same array for the same candidates while nothing changes.
   */
  available(candidates: readonly T[]): readonly T[];
  began(instance: Who): void;
  /** It answered with whatever is not its own failure: a 404 is a success. */
  succeeded(instance: Who): void;
  failed(instance: Who, failure: Failure): void;
  /** The call ended without saying anything about the instance: the client went away. */
  abandoned(instance: Who): void;
  /** Calls under way. */
  active(instance: Who): number;
  /** CLOSED: called as others are. OPEN: ejected. HALF_OPEN: its trial is under way. */
  state(instance: Who): CircuitState;
  readonly onStateChange: Listening<StateChange>;
  /** Forgets all others, so that who comes back under an old id begins anew. */
  retain(instances: readonly Who[]): void;
}

interface Choice<T> {
  readonly version: number;
  /** When one of those left out is due for its trial. */
  readonly until: number;
  readonly available: readonly T[];
}

const PANIC_BELOW = 0.5;

export function createEjection<T extends Candidate = Candidate>(options: EjectionOptions): Ejection<T> {
  const { now = () => performance.now(), panicBelow = PANIC_BELOW } = options;
  const { threshold, thresholds, probationMs, mostProbationMs } = { ...RULES, ...options };
  const rules = { threshold, thresholds, probationMs, mostProbationMs };
  const news = createNews(options);
  const standings = new Map<string, Standing>();
  const choices = new WeakMap<readonly T[], Choice<T>>();
  let ejected = 0;
  let version = 0;
  let panic = false;

  function standingOf({ instanceId }: Who): Standing {
    const known = standings.get(instanceId);
    if (known !== undefined) return known;
    const standing = new Standing(rules);
    standings.set(instanceId, standing);
    return standing;
  }

  function choose(candidates: readonly T[], at: number): Choice<T> {
    let until = Infinity;
    const fit = candidates.filter(({ instanceId }) => {
      const standing = standings.get(instanceId);
      if (standing?.isLeftOut(at) !== true) return true;
      until = Math.min(until, standing.until);
      return false;
    });
    const tooFew = fit.length < panicBelow * candidates.length;
    setPanic(tooFew, `${fit.length} of ${candidates.length}`);
    return { version, until, available: tooFew ? candidates : fit };
  }

  function setPanic(on: boolean, left: string): void {
    if (on !== panic) news.panic(on, left);
    panic = on;
  }

  /** The choices made so far hold no longer. */
  function changed(by: number): void {
    version += 1;
    ejected += by;
    if (by !== 0) news.count(ejected);
    if (ejected === 0) setPanic(false, 'all');
  }

  return {
    available: (candidates) => {
      if (ejected === 0) return candidates;
      const at = now();
      const known = choices.get(candidates);
      if (known?.version === version && at < known.until) return known.available;
      const choice = choose(candidates, at);
      choices.set(candidates, choice);
      return choice.available;
    },
    began: (instance) => {
      if (!standingOf(instance).began(now)) return;
      news.onTrial(instance.instanceId);
      changed(0);
    },
    succeeded: (instance) => {
      if (!standingOf(instance).succeeded(now)) return;
      news.readmitted(instance.instanceId);
      changed(-1);
    },
    failed: (instance, reason) => {
      const standing = standingOf(instance);
      const before = standing.ejected;
      const probation = standing.failed(reason, now);
      if (probation === undefined) return;
      news.ejected(instance.instanceId, reason, probation);
      changed(before ? 0 : 1);
    },
    abandoned: (instance) => {
      if (!standingOf(instance).abandoned(now)) return;
      news.dueAgain(instance.instanceId);
      changed(0);
    },
    active: ({ instanceId }) => standings.get(instanceId)?.active ?? 0,
    state: ({ instanceId }) => standings.get(instanceId)?.state ?? 'CLOSED',
    onStateChange: news.onStateChange,
    retain: (instances) => {
      const kept = new Set(instances.map(({ instanceId }) => instanceId));
      for (const [instanceId, standing] of standings) {
        if (kept.has(instanceId)) continue;
        standings.delete(instanceId);
        news.gone(instanceId);
        changed(standing.ejected ? -1 : 0);
      }
    },
  };
}

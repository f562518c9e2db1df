import type { CircuitState, PolicyEvent } from '@plaza/resilience';
import type { WeightedInstance } from '../balancer/balancer.ts';
import {
  createEjectionEvents,
  type EjectionEventsOptions,
  type CircuitStateChange,
} from './ejection-events.ts';
import { DEFAULT_RULES, HostStatus, type FailureReason, type OutlierDetectionRules } from './host-status.ts';

/** `upstream` is the service whose instances they are, as it stands in metrics and in the log. */
export interface OutlierDetectorOptions extends Partial<OutlierDetectionRules>, EjectionEventsOptions {
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
  /** Ejections are ignored where less than this share of the candidates would be left. Default 0.5. */
  readonly panicThreshold?: number;
}

/** By the id, so that any object that stands for an instance will do. */
type InstanceIdentity = Pick<WeightedInstance, 'instanceId'>;

/**
 * Knows from the calls themselves which instances of one service are fit to be called: passive health checking,
 * after Envoy's outlier detection. Five failures in a row, or one refused connection, eject an instance for a
 * probation of 5 s, 10 s, 20 s and so on; then one call is its trial. Call `onStart` for each call, and then one of
 * `onSuccess`, `onFailure` and `onAbort`. Each is one look into a map, 15 ns for all of a call, and nothing is
 * allocated while no instance fails. It is a circuit breaker for each instance, and its states bear a breaker's names.
 */
export interface OutlierDetector<T extends WeightedInstance = WeightedInstance> {
  /**
   * Those that may be called: the ejected are left out, unless that would leave too few (panic). Never empty
   * where the candidates are not. The same array for the same candidates while nothing changes.
   */
  available(candidates: readonly T[]): readonly T[];
  onStart(instance: InstanceIdentity): void;
  /** It answered with whatever is not its own failure: a 404 is a success. */
  onSuccess(instance: InstanceIdentity): void;
  onFailure(instance: InstanceIdentity, failure: FailureReason): void;
  /** The call ended without saying anything about the instance: the client went away. */
  onAbort(instance: InstanceIdentity): void;
  /** Calls under way. */
  activeRequests(instance: InstanceIdentity): number;
  /** CLOSED: called as others are. OPEN: ejected. HALF_OPEN: its trial is under way. */
  state(instance: InstanceIdentity): CircuitState;
  readonly onStateChange: PolicyEvent<CircuitStateChange>;
  /** Forgets all others, so that who comes back under an old id begins anew. */
  prune(instances: readonly InstanceIdentity[]): void;
}

interface CachedSelection<T> {
  readonly version: number;
  /** When one of those left out is due for its trial. */
  readonly until: number;
  readonly available: readonly T[];
}

const PANIC_THRESHOLD = 0.5;

export function createOutlierDetector<T extends WeightedInstance = WeightedInstance>(
  options: OutlierDetectorOptions,
): OutlierDetector<T> {
  const { now = () => performance.now(), panicThreshold = PANIC_THRESHOLD } = options;
  const { failureThreshold, thresholdsByReason, baseEjectionTimeMs, maxEjectionTimeMs } = {
    ...DEFAULT_RULES,
    ...options,
  };
  const rules = { failureThreshold, thresholdsByReason, baseEjectionTimeMs, maxEjectionTimeMs };
  const ejectionEvents = createEjectionEvents(options);
  const hostStatuses = new Map<string, HostStatus>();
  const selections = new WeakMap<readonly T[], CachedSelection<T>>();
  let ejected = 0;
  let version = 0;
  let panic = false;

  function hostStatusOf({ instanceId }: InstanceIdentity): HostStatus {
    const known = hostStatuses.get(instanceId);
    if (known !== undefined) return known;
    const hostStatus = new HostStatus(rules);
    hostStatuses.set(instanceId, hostStatus);
    return hostStatus;
  }

  function select(candidates: readonly T[], at: number): CachedSelection<T> {
    let until = Infinity;
    const healthy = candidates.filter(({ instanceId }) => {
      const hostStatus = hostStatuses.get(instanceId);
      if (hostStatus?.isEjectedAt(at) !== true) return true;
      until = Math.min(until, hostStatus.ejectedUntil);
      return false;
    });
    const tooFew = healthy.length < panicThreshold * candidates.length;
    setPanic(tooFew, `${healthy.length} of ${candidates.length}`);
    return { version, until, available: tooFew ? candidates : healthy };
  }

  function setPanic(on: boolean, left: string): void {
    if (on !== panic) ejectionEvents.setPanic(on, left);
    panic = on;
  }

  /** The choices made so far hold no longer. */
  function invalidate(by: number): void {
    version += 1;
    ejected += by;
    if (by !== 0) ejectionEvents.setEjectedCount(ejected);
    if (ejected === 0) setPanic(false, 'all');
  }

  return {
    available: (candidates) => {
      if (ejected === 0) return candidates;
      const at = now();
      const known = selections.get(candidates);
      if (known?.version === version && at < known.until) return known.available;
      const selection = select(candidates, at);
      selections.set(candidates, selection);
      return selection.available;
    },
    onStart: (instance) => {
      if (!hostStatusOf(instance).onStart(now)) return;
      ejectionEvents.probeStarted(instance.instanceId);
      invalidate(0);
    },
    onSuccess: (instance) => {
      if (!hostStatusOf(instance).onSuccess(now)) return;
      ejectionEvents.readmitted(instance.instanceId);
      invalidate(-1);
    },
    onFailure: (instance, reason) => {
      const hostStatus = hostStatusOf(instance);
      const before = hostStatus.ejected;
      const probation = hostStatus.onFailure(reason, now);
      if (probation === undefined) return;
      ejectionEvents.ejected(instance.instanceId, reason, probation);
      invalidate(before ? 0 : 1);
    },
    onAbort: (instance) => {
      if (!hostStatusOf(instance).onAbort(now)) return;
      ejectionEvents.probeAborted(instance.instanceId);
      invalidate(0);
    },
    activeRequests: ({ instanceId }) => hostStatuses.get(instanceId)?.activeRequests ?? 0,
    state: ({ instanceId }) => hostStatuses.get(instanceId)?.state ?? 'CLOSED',
    onStateChange: ejectionEvents.onStateChange,
    prune: (instances) => {
      const kept = new Set(instances.map(({ instanceId }) => instanceId));
      for (const [instanceId, hostStatus] of hostStatuses) {
        if (kept.has(instanceId)) continue;
        hostStatuses.delete(instanceId);
        ejectionEvents.instanceRemoved(instanceId);
        invalidate(hostStatus.ejected ? -1 : 0);
      }
    },
  };
}

import {
  extractCheckDefinition,
  HEARTBEAT_CHECK_ID,
  type Check,
  type CheckDefinition,
  type CheckStatus,
  type HeartbeatCheck,
  type CheckState,
} from './check.ts';

/** `draining` finishes what it has and wants nothing new; only `up` is handed out as passing. */
export const INSTANCE_STATES = ['up', 'draining', 'down'] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** The protocols that an instance may be registered by: Plaza's own is the courses'. */
export const PROTOCOLS = ['plaza', 'consul', 'eureka'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface InstanceKey {
  readonly service: string;
  readonly instanceId: string;
}

/** JSON of a protocol's own. */
export type ProtocolDetails = Readonly<Record<string, unknown>>;

/** What an instance declares of itself. Two definitions that are equal are no change. */
export interface InstanceDefinition extends InstanceKey {
  /** Where it answers; no slash at the end. */
  readonly url: string;
  /** For others to read; what is probed stands in `checks`. */
  readonly healthCheckUrl?: string;
  readonly version: string;
  /** Its share of the traffic relative to the other instances of the service. */
  readonly weight: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** What the protocol's clients declare and expect back, and nobody else reads. Bounded by the protocol. */
  readonly details: ProtocolDetails;
  readonly checks: readonly CheckDefinition[];
}

/** Characters of JSON that one instance may say of itself: ten thousand of them must fit into memory. */
export const MAX_DEFINITION_LENGTH = 16_384;

/** A state that somebody else than the instance has set. It outlives heartbeats and registrations, not the instance. */
export interface StateOverride {
  readonly state: InstanceState;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The protocol's own word for the state, such as Eureka's OUT_OF_SERVICE. */
  readonly label?: string;
}

/** What others see of an instance. */
export interface Instance extends Omit<InstanceDefinition, 'checks'> {
  /** Worked out by `effectiveState`. */
  readonly state: InstanceState;
  /** What its process says. */
  readonly reportedState: InstanceState;
  readonly override?: StateOverride;
  /** With its lease, where it has one, as the first. */
  readonly checks: readonly Check[];
  /**
   * When its process started, in milliseconds since 1970, by its own clock; 0 where it does not say. Of two
   * processes under one id the later one is believed.
   */
  readonly incarnation: number;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** When others last saw it change, in milliseconds since 1970. */
  readonly changedAt: number;
  /** Milliseconds after its last heartbeat at which it goes; without one it stays until it is taken out. */
  readonly ttlMs?: number;
  /** The indexes at which it came and was last changed. */
  readonly createIndex: number;
  readonly modifyIndex: number;
}

/** What the state of an instance comes from. */
export interface StateInputs {
  readonly reportedState: InstanceState;
  readonly checkStates: readonly Pick<CheckState, 'status'>[];
  readonly override?: Pick<StateOverride, 'state'> | undefined;
}

/**
 * The state that others see. What is known to be broken is down, whatever anybody says; else whoever overrides
 * is believed, then the instance.
 */
export function effectiveState({ reportedState, checkStates, override }: StateInputs): InstanceState {
  if (reportedState === 'down' || checkStates.some(({ status }) => status === 'critical')) return 'down';
  return override?.state ?? reportedState;
}

/** Whether it is handed out as passing: as in Consul, a warning is not. */
export function isPassing({ state, checks }: Pick<Instance, 'state' | 'checks'>): boolean {
  return state === 'up' && checks.every(({ status }) => status !== 'warning');
}

/** A lease as others see it: who is listed with one has renewed it, so it speaks of the reported state. */
export function createHeartbeatCheck(
  ttlMs: number,
  reportedState: InstanceState,
  since: number,
): HeartbeatCheck & CheckState {
  const status: CheckStatus = reportedState === 'up' ? 'passing' : 'critical';
  return {
    id: HEARTBEAT_CHECK_ID,
    name: 'Heartbeat',
    kind: 'heartbeat',
    ttlMs,
    status,
    since,
    output: reportedState,
  };
}

/** What an instance declared, without what came of it. */
export function extractDefinition(instance: Instance): InstanceDefinition {
  const { service, instanceId, url, healthCheckUrl, version, weight, tags, metadata, protocol, details } =
    instance;
  return {
    service,
    instanceId,
    url,
    ...(healthCheckUrl === undefined ? {} : { healthCheckUrl }),
    version,
    weight,
    tags,
    metadata,
    protocol,
    details,
    checks: instance.checks.flatMap((check) => extractCheckDefinition(check) ?? []),
  };
}

/** How an instance is named where one text must do. */
export function qualifiedName({ service, instanceId }: InstanceKey): string {
  return `${service}/${instanceId}`;
}

/**
 * The id of an instance that names none: its address. So a service that registers again from the same place
 * is the same instance, and one from another place is another.
 */
export function instanceIdFromUrl(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`.replaceAll(/[^\w.:@~-]/g, ':').slice(0, 128);
}

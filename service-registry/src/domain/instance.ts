import {
  extractCheckDefinition,
  HEARTBEAT_CHECK_ID,
  type Check,
  type CheckDefinition,
  type CheckStatus,
  type HeartbeatCheck,
  type CheckState,
} from './check.ts';

/** `draining` finishes its active requests and gets no new ones. Only `up` is listed as passing. */
export const INSTANCE_STATES = ['up', 'draining', 'down'] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** The API that registered an instance. `plaza` are the courses' calls. */
export const PROTOCOLS = ['plaza', 'consul', 'eureka'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface InstanceKey {
  readonly service: string;
  readonly instanceId: string;
}

/** Protocol-specific JSON. */
export type ProtocolDetails = Readonly<Record<string, unknown>>;

/** The data that an instance declares. An equal definition is no change. */
export interface InstanceDefinition extends InstanceKey {
  /** Its base URL, without a slash at the end. */
  readonly url: string;
  /** For clients only; probed URLs are in `checks`. */
  readonly healthCheckUrl?: string;
  readonly version: string;
  /** Its share of the traffic, relative to the service's other instances. */
  readonly weight: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** Data that only clients of the same protocol declare and read. The protocol limits its size. */
  readonly details: ProtocolDetails;
  readonly checks: readonly CheckDefinition[];
}

/** The maximum length of an instance's definition in JSON: 10,000 of them must fit into memory. */
export const MAX_DEFINITION_LENGTH = 16_384;

/** A state set from outside the instance. It survives heartbeats and registrations, and ends with the instance. */
export interface StateOverride {
  readonly state: InstanceState;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The protocol's word for the state, such as Eureka's OUT_OF_SERVICE. */
  readonly label?: string;
}

/** An instance as clients see it. */
export interface Instance extends Omit<InstanceDefinition, 'checks'> {
  /** See `effectiveState`. */
  readonly state: InstanceState;
  /** The state that the process reports. */
  readonly reportedState: InstanceState;
  readonly override?: StateOverride;
  /** The lease, if there is one, comes first. */
  readonly checks: readonly Check[];
  /**
   * The start of its process, in milliseconds since 1970 by its own clock; 0 if unknown. Of two processes with one
   * id, the later one wins.
   */
  readonly incarnation: number;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** The last visible change, in milliseconds since 1970. */
  readonly changedAt: number;
  /** Milliseconds without a heartbeat after which it expires. Without it, it stays until it is unregistered. */
  readonly ttlMs?: number;
  /** The indexes of its registration and of its last change. */
  readonly createIndex: number;
  readonly modifyIndex: number;
}

/** The inputs of `effectiveState`. */
export interface StateInputs {
  readonly reportedState: InstanceState;
  readonly checkStates: readonly Pick<CheckState, 'status'>[];
  readonly override?: Pick<StateOverride, 'state'> | undefined;
}

/** The effective state: failing check > status override > state reported by the instance. */
export function effectiveState({ reportedState, checkStates, override }: StateInputs): InstanceState {
  if (reportedState === 'down' || checkStates.some(({ status }) => status === 'critical')) return 'down';
  return override?.state ?? reportedState;
}

/** Whether it is listed as passing. As in Consul, a warning is not passing. */
export function isPassing({ state, checks }: Pick<Instance, 'state' | 'checks'>): boolean {
  return state === 'up' && checks.every(({ status }) => status !== 'warning');
}

/** The lease as a check. A listed instance has renewed its lease, so the status follows the reported state. */
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

/** The declared data of an instance, without its state. */
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

/** An instance's name in one text. */
export function qualifiedName({ service, instanceId }: InstanceKey): string {
  return `${service}/${instanceId}`;
}

/**
 * The default instance id: its address. A service that registers again from the same address is the same instance,
 * and another address is another instance.
 */
export function instanceIdFromUrl(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`.replaceAll(/[^\w.:@~-]/g, ':').slice(0, 128);
}

/** One running copy of a service, as the registry knows it. */
export interface ServiceInstance {
  readonly service: string;
  /** Unique within the service. `fallback` for an instance that stands for a configured URL. */
  readonly instanceId: string;
  /** Where it answers; no slash at the end. */
  readonly url: string;
  readonly version: string;
  /** Its share of the traffic, from 1, relative to the other instances of the service. */
  readonly weight: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** An instance of which only the address is known. */
export function createInstanceFromUrl(service: string, url: string, instanceId = url): ServiceInstance {
  return { service, instanceId, url, version: '', weight: 1, tags: [], metadata: {} };
}

/** What an instance says of its own: `draining` finishes what it has and wants nothing new. */
export type RegistrationState = 'up' | 'draining' | 'down';

/** What a process tells the registry of itself, whole, with every heartbeat. */
export interface ServiceRegistration extends ServiceInstance {
  readonly healthCheckUrl: string;
  readonly state: RegistrationState;
  /** When this process started, in milliseconds since 1970: of two with one id the later is believed. */
  readonly incarnation: number;
  /** Milliseconds after the last heartbeat at which the registry forgets the instance. */
  readonly ttlMs: number;
}

export function areInstancesEqual(
  one: readonly ServiceInstance[],
  other: readonly ServiceInstance[],
): boolean {
  return one.length === other.length && JSON.stringify(one) === JSON.stringify(other);
}

/** `draining` finishes what it has and wants nothing new; only `up` is handed out as passing. */
export const STATES = ['up', 'draining', 'down'] as const;
export type State = (typeof STATES)[number];

export interface InstanceKey {
  readonly service: string;
  readonly instanceId: string;
}

/** What an instance declares of itself. Two declarations that are equal are no change. */
export interface Declaration extends InstanceKey {
  /** Where it answers; no slash at the end. */
  readonly url: string;
  readonly healthCheckUrl?: string;
  readonly version: string;
  /** Its share of the traffic relative to the other instances of the service. */
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Instance extends Declaration {
  readonly state: State;
  /**
   * When its process started, in milliseconds since 1970, by its own clock; 0 where it does not say. Of two
   * processes under one id the later one is believed.
   */
  readonly incarnation: number;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** Milliseconds after its last heartbeat at which it goes. */
  readonly ttlMs: number;
}

/**
 * The id of an instance that names none: its address. So a service that registers again from the same place
 * is the same instance, and one from another place is another.
 */
export function addressId(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`.replaceAll(/[^\w.:@~-]/g, ':').slice(0, 128);
}

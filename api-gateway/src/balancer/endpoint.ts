import type { WeightedInstance } from '@plaza/service-client';
import type { Origin } from '../transport/origin.ts';

/** One instance that may be asked. The same object for as long as it is the same instance. */
export interface Endpoint extends WeightedInstance {
  readonly origin: Origin;
  /** Without a slash at the end. */
  readonly url: string;
  readonly version: string;
  /** The target by which it belongs to its upstream; empty where the upstream has none. */
  readonly target: string;
  /** It stands in for a service of which the registry has no instance. */
  readonly fallback: boolean;
  /** Requests that are with it, to the last byte of their answers. */
  activeRequests: number;
}

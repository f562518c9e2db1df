import type { WeightedInstance } from '@plaza/service-client';
import type { Origin } from '../transport/origin.ts';

/** An instance that requests are sent to. The same object as long as the instance does not change. */
export interface Endpoint extends WeightedInstance {
  readonly origin: Origin;
  /** Without a slash at the end. */
  readonly url: string;
  readonly version: string;
  /** The target of the upstream that it belongs to; empty if the upstream has none. */
  readonly target: string;
  /** True if it replaces a service of which the registry has no instance. */
  readonly fallback: boolean;
  /** Requests whose response has not ended. */
  activeRequests: number;
}

import type { Address } from './address.ts';

export interface Service {
  readonly name: string;
  readonly address: Address;
  /** What every path that is asked of it begins with: `/users`, or `/`. */
  readonly path: string;
}

export interface Route {
  readonly name: string;
  readonly service: Service;
  /** Prefixes of paths, normalised. */
  readonly paths: readonly string[];
  /** Whether the prefix is cut off before the service sees the path. */
  readonly stripPath: boolean;
  readonly tags: ReadonlySet<string>;
}

/** What a gateway serves: the declarative configuration once it is read. */
export interface Declaration {
  readonly services: readonly Service[];
  readonly routes: readonly Route[];
}

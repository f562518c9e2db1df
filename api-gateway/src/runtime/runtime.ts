import type { Declaration } from '../declaration/declaration.ts';
import { compile, type Configuration, type Surroundings } from './configuration.ts';

/** A configuration and the requests that go by it. */
export interface Lease {
  readonly configuration: Configuration;
  /** The request has ended. */
  release(): void;
}

/** Holds the configuration in force and swaps it in flight: a request ends with the one that it began with. */
export interface Runtime {
  current(): Configuration;
  /** The configuration in force, for one request. */
  lease(): Lease;
  /**
   * Puts another in force, once it is known who answers for its services. One at a time.
   * @throws what a plugin throws that cannot be made; the old configuration then stays.
   */
  apply(declaration: Declaration): Promise<void>;
  close(): Promise<void>;
}

export function createRuntime(first: Declaration, surroundings: Surroundings): Runtime {
  const { upstreams, inForce } = surroundings;
  let held = hold(compile(first, surroundings));
  let closed = false;
  begin(first);

  /** Whoever answers is followed from now on, and not from the first request on. */
  function begin(declaration: Declaration): void {
    upstreams.configure(inForce(declaration.upstreams));
    const addresses = declaration.services.map(({ address }) => address);
    upstreams.retain(addresses);
    for (const address of addresses) upstreams.at(address);
  }

  return {
    current: () => held.configuration,
    lease: () => held.lease(),
    apply: async (declaration) => {
      const next = hold(compile(declaration, surroundings));
      const addresses = declaration.services.map(({ address }) => address);
      await upstreams.acquainted(inForce(declaration.upstreams), addresses);
      if (closed) {
        await next.configuration.close();
        return;
      }
      held.configuration.keepUpstreams();
      begin(declaration);
      held.retire();
      held = next;
    },
    close: () => {
      closed = true;
      return held.configuration.close();
    },
  };
}

/** Counts who is under way, and closes once it is retired and the last has ended. */
function hold(configuration: Configuration) {
  let underWay = 0;
  let retired = false;
  const closeIfDone = () => {
    if (!retired || underWay > 0) return;
    void configuration.close();
  };
  const lease: Lease = {
    configuration,
    release: () => {
      underWay -= 1;
      closeIfDone();
    },
  };
  return {
    configuration,
    lease: () => {
      underWay += 1;
      return lease;
    },
    retire: () => {
      retired = true;
      closeIfDone();
    },
  };
}

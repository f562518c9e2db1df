import type { CheckReport } from './check.ts';
import { MOST_DECLARED, type Declaration, type Override, type State } from './instance.ts';
import type { RecentChange } from './recent-change.ts';
import {
  CheckNotFound,
  DeclarationTooLong,
  InstanceAmbiguous,
  InstanceSuperseded,
  RegistryFull,
  ServiceNotFound,
} from './registry.errors.ts';
import type { LastHeartbeat, Vitals } from './vitals.ts';

/** Which instance of a service is meant; where neither is said, its only one. */
export interface Selector {
  readonly service: string;
  readonly instanceId?: string | undefined;
  readonly url?: string | undefined;
  /** The process that speaks. Where it is said, it must not be an earlier one than the one known. */
  readonly incarnation?: number | undefined;
}

export interface Upsert {
  readonly declaration: Declaration;
  /** What the process says of itself. */
  readonly state: State;
  /** Milliseconds after its last heartbeat at which it goes; without it, it stays. */
  readonly ttlMs?: number | undefined;
  readonly incarnation?: number | undefined;
}

/** What came of a change: `renewed` where others see none, `several` with the ids to choose from. */
export type Outcome =
  | { readonly kind: 'done' | 'renewed' | 'none' | 'superseded' | 'full' | 'long' }
  | { readonly kind: 'several'; readonly instanceIds: readonly string[] };

/** Where instances are kept. Every change is atomic, and only what others can see moves the index. */
export interface InstanceStore {
  /** Registers, renews the lease, or says anew what the instance is. Overrides and the checks' verdicts stay. */
  upsert(upsert: Upsert): Promise<Outcome>;
  /** Renews the lease, and says another state where one is given. */
  renew(selector: Selector, state?: State): Promise<Outcome>;
  remove(selector: Selector): Promise<Outcome>;
  /** Of a check of that kind; renews it where it has a TTL. */
  report(report: CheckReport): Promise<Outcome>;
  /** Sets an override, in place of one that is there, or ends it. */
  override(selector: Selector, override: Omit<Override, 'since'> | undefined): Promise<Outcome>;
  lastHeartbeats(): Promise<LastHeartbeat>;
  /** The same, and what was last heard of each check. */
  vitals(): Promise<Vitals>;
  /** The latest first. */
  recentChanges(most: number): Promise<readonly RecentChange[]>;
}

export interface Registrations {
  /** @throws {InstanceSuperseded} {RegistryFull} {DeclarationTooLong} */
  register(upsert: Upsert): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  renew(selector: Selector, state?: State): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  unregister(selector: Selector): Promise<void>;
  /** @throws {CheckNotFound} {InstanceSuperseded} */
  report(report: CheckReport): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  override(selector: Selector, override: Omit<Override, 'since'> | undefined): Promise<void>;
}

export function createRegistrations(store: InstanceStore): Registrations {
  return {
    register: async (upsert) => settle(await store.upsert(upsert), upsert.declaration.service),
    renew: async (selector, state) => settle(await store.renew(selector, state), selector.service),
    unregister: async (selector) => settle(await store.remove(selector), selector.service),
    report: async (report) => {
      const outcome = await store.report(report);
      if (outcome.kind === 'none')
        throw new CheckNotFound(
          `No instance has a check of kind ${report.kind} with the id ${report.checkId}.`,
        );
      settle(outcome, report.of?.service ?? report.checkId);
    },
    override: async (selector, override) =>
      settle(await store.override(selector, override), selector.service),
  };
}

function settle(outcome: Outcome, service: string): void {
  switch (outcome.kind) {
    case 'done':
    case 'renewed':
      return;
    case 'none':
      throw new ServiceNotFound();
    case 'several':
      throw new InstanceAmbiguous(
        `${service} has ${outcome.instanceIds.length} instances: say which one by instanceId or serviceUrl (${listed(outcome.instanceIds)}).`,
      );
    case 'superseded':
      throw new InstanceSuperseded(
        `This process of ${service} is not the current one: a later one has its instance id, or it has unregistered.`,
      );
    case 'long':
      throw new DeclarationTooLong(
        `An instance may say ${MOST_DECLARED} characters of itself: metadata, tags, checks and all else together.`,
      );
    case 'full':
      throw new RegistryFull('As many instances are registered as this registry takes.', { retryAfter: 60 });
  }
}

const MOST_LISTED = 5;

function listed(ids: readonly string[]): string {
  return ids.length <= MOST_LISTED ? ids.join(', ') : `${ids.slice(0, MOST_LISTED).join(', ')}, …`;
}

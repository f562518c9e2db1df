import type { CheckReport } from './check.ts';
import {
  MAX_DEFINITION_LENGTH,
  type InstanceDefinition,
  type StateOverride,
  type InstanceState,
} from './instance.ts';
import type { ChangeLogEntry } from './change-log.ts';
import {
  CheckNotFound,
  DeclarationTooLong,
  InstanceAmbiguous,
  InstanceSuperseded,
  RegistryFull,
  ServiceNotFound,
} from './registry.errors.ts';
import type { LastHeartbeatLookup, Liveness } from './liveness.ts';

/** Identifies an instance of a service. Without id and URL: its only instance. */
export interface InstanceRef {
  readonly service: string;
  readonly instanceId?: string | undefined;
  readonly url?: string | undefined;
  /** The calling process. It must not be older than the registered one. */
  readonly incarnation?: number | undefined;
}

export interface InstanceUpsert {
  readonly definition: InstanceDefinition;
  /** The state that the process reports. */
  readonly state: InstanceState;
  /** Milliseconds without a heartbeat after which it expires. Without it, it never does. */
  readonly ttlMs?: number | undefined;
  readonly incarnation?: number | undefined;
}

/** The outcome of a write. `renewed`: no visible change; `several`: ambiguous, with the possible ids. */
export type WriteResult =
  | { readonly kind: 'done' | 'renewed' | 'none' | 'superseded' | 'full' | 'long' }
  | { readonly kind: 'several'; readonly instanceIds: readonly string[] };

/** The store of instances. Each write is atomic, and only a visible change raises the index. */
export interface InstanceStore {
  /** Registers an instance, updates it, or renews its lease. Overrides and states of checks stay. */
  upsert(upsert: InstanceUpsert): Promise<WriteResult>;
  /** Renews the lease, and sets the reported state if one is given. */
  renew(ref: InstanceRef, state?: InstanceState): Promise<WriteResult>;
  remove(ref: InstanceRef): Promise<WriteResult>;
  /** Reports the result of a check of that kind, and renews a TTL check. */
  report(report: CheckReport): Promise<WriteResult>;
  /** Sets, replaces or ends an override. */
  override(ref: InstanceRef, override: Omit<StateOverride, 'since'> | undefined): Promise<WriteResult>;
  lastHeartbeats(): Promise<LastHeartbeatLookup>;
  /** The last heartbeats, and the last observation of each check. */
  liveness(): Promise<Liveness>;
  /** Latest first. */
  changeLog(limit: number): Promise<readonly ChangeLogEntry[]>;
}

export interface Registrations {
  /** @throws {InstanceSuperseded} {RegistryFull} {DeclarationTooLong} */
  register(upsert: InstanceUpsert): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  renew(ref: InstanceRef, state?: InstanceState): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  unregister(ref: InstanceRef): Promise<void>;
  /** @throws {CheckNotFound} {InstanceSuperseded} */
  report(report: CheckReport): Promise<void>;
  /** @throws {ServiceNotFound} {InstanceAmbiguous} {InstanceSuperseded} */
  override(ref: InstanceRef, override: Omit<StateOverride, 'since'> | undefined): Promise<void>;
}

export function createRegistrations(store: InstanceStore): Registrations {
  return {
    register: async (upsert) => throwUnlessApplied(await store.upsert(upsert), upsert.definition.service),
    renew: async (ref, state) => throwUnlessApplied(await store.renew(ref, state), ref.service),
    unregister: async (ref) => throwUnlessApplied(await store.remove(ref), ref.service),
    report: async (report) => {
      const writeResult = await store.report(report);
      if (writeResult.kind === 'none')
        throw new CheckNotFound(
          `No instance has a check of kind ${report.kind} with the id ${report.checkId}.`,
        );
      throwUnlessApplied(writeResult, report.instance?.service ?? report.checkId);
    },
    override: async (ref, override) => throwUnlessApplied(await store.override(ref, override), ref.service),
  };
}

function throwUnlessApplied(writeResult: WriteResult, service: string): void {
  switch (writeResult.kind) {
    case 'done':
    case 'renewed':
      return;
    case 'none':
      throw new ServiceNotFound();
    case 'several':
      throw new InstanceAmbiguous(
        `${service} has ${writeResult.instanceIds.length} instances: say which one by instanceId or serviceUrl (${formatIds(writeResult.instanceIds)}).`,
      );
    case 'superseded':
      throw new InstanceSuperseded(
        `This process of ${service} is not the current one: a later one has its instance id, or it has unregistered.`,
      );
    case 'long':
      throw new DeclarationTooLong(
        `An instance may say ${MAX_DEFINITION_LENGTH} characters of itself: metadata, tags, checks and all else together.`,
      );
    case 'full':
      throw new RegistryFull('As many instances are registered as this registry takes.', {
        reason: 'instance_limit',
        retryAfter: 60,
      });
  }
}

const MAX_LISTED_IDS = 5;

function formatIds(ids: readonly string[]): string {
  return ids.length <= MAX_LISTED_IDS ? ids.join(', ') : `${ids.slice(0, MAX_LISTED_IDS).join(', ')}, …`;
}

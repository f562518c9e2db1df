import { z } from 'zod';
import {
  CHECK_STATUSES,
  PROBE_METHODS,
  type Check,
  type CheckDefinition,
  type CheckState,
} from '../domain/check.ts';
import {
  createHeartbeatCheck,
  PROTOCOLS,
  INSTANCE_STATES,
  effectiveState,
  type InstanceDefinition,
  type Instance,
} from '../domain/instance.ts';

const milliseconds = z.number().exactOptional();

const checkBaseFields = {
  id: z.string(),
  name: z.string(),
  initial: z.enum(CHECK_STATUSES),
  deregisterAfterMs: milliseconds,
};

const check = z.discriminatedUnion('kind', [
  z.object({ ...checkBaseFields, kind: z.literal('ttl'), ttlMs: z.number() }),
  z.object({
    ...checkBaseFields,
    kind: z.literal('http'),
    url: z.string(),
    method: z.enum(PROBE_METHODS).exactOptional(),
    headers: z.record(z.string(), z.array(z.string())).exactOptional(),
    intervalMs: milliseconds,
    timeoutMs: milliseconds,
    failuresBeforeCritical: z.number().exactOptional(),
    successesBeforePassing: z.number().exactOptional(),
  }),
]);

const definition = z.object({
  url: z.string(),
  healthCheckUrl: z.string().exactOptional(),
  version: z.string(),
  weight: z.number(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  protocol: z.enum(PROTOCOLS),
  details: z.record(z.string(), z.unknown()),
});

const headerFields = z.tuple([
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.enum(INSTANCE_STATES),
  z.coerce.number(),
]);

const override = z.object({
  state: z.enum(INSTANCE_STATES),
  reason: z.string(),
  since: z.number(),
  label: z.string().exactOptional(),
});

const checkStates = z.record(
  z.string(),
  z.object({ status: z.enum(CHECK_STATUSES), since: z.number(), output: z.string() }),
);

/** The lines of an instance in Redis. The first is a header; the others are JSON or empty. */
const record = z.object({
  head: headerFields,
  override: override.optional(),
  checkStates: checkStates.default({}),
  checks: z.array(check).default([]),
  definition,
});

/**
 * The stored text of a definition, without its checks. Equal definitions give equal texts, because a change is
 * detected by the text. The URL comes first, so that instances can be found by it.
 */
export function serializeDefinition(definition: InstanceDefinition): string {
  const { url, healthCheckUrl, version, weight, tags, metadata, protocol, details } = definition;
  const sorted = Object.fromEntries(
    Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  return JSON.stringify({
    url,
    healthCheckUrl,
    version,
    weight,
    tags,
    metadata: sorted,
    protocol,
    details,
  });
}

/** The stored text of the checks, which scripts read; empty if there are none. */
export function serializeChecks({ checks }: InstanceDefinition): string {
  return checks.length === 0 ? '' : JSON.stringify(checks);
}

/** The beginning of the stored text of a definition with this URL. */
export function definitionPrefix(url: string): string {
  return JSON.stringify({ url }).slice(0, -1);
}

/** Parses a stored instance. Undefined if it is invalid: such an instance gets no traffic. */
export function deserializeInstance(
  service: string,
  instanceId: string,
  modifyIndex: number,
  value: string,
): Instance | undefined {
  const [head = '', ...lines] = value.split('\n');
  const [overrideLine, checkStatesLine, checksLine, definitionLine] = lines.map(parseJson);
  const read = record.safeParse({
    head: head.split(' '),
    override: overrideLine,
    checkStates: checkStatesLine,
    checks: checksLine,
    definition: definitionLine,
  });
  if (!read.success) return undefined;
  const { override, checkStates, checks: checkDefinitions, definition } = read.data;
  const [incarnation, registeredAt, createIndex, changedAt, state, ttlMs] = read.data.head;
  const declaredChecks = checkDefinitions.map((check) =>
    withCheckState(check, registeredAt, checkStates[check.id]),
  );
  const heartbeat = ttlMs === 0 ? [] : [createHeartbeatCheck(ttlMs, state, registeredAt)];
  return {
    service,
    instanceId,
    ...definition,
    state: effectiveState({ reportedState: state, checkStates: declaredChecks, override }),
    reportedState: state,
    ...(override === undefined ? {} : { override }),
    checks: [...heartbeat, ...declaredChecks],
    incarnation,
    registeredAt,
    changedAt,
    ...(ttlMs === 0 ? {} : { ttlMs }),
    createIndex,
    modifyIndex,
  };
}

function withCheckState(
  check: CheckDefinition,
  registeredAt: number,
  checkState: CheckState | undefined,
): Check {
  const { status, since, output } = checkState ?? { status: check.initial, since: registeredAt, output: '' };
  return { ...check, status, since, output };
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

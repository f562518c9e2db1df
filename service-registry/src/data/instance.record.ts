import { z } from 'zod';
import {
  CHECK_STATUSES,
  PROBE_METHODS,
  type Check,
  type CheckDefinition,
  type Verdict,
} from '../domain/check.ts';
import {
  heartbeatCheck,
  PROTOCOLS,
  STATES,
  stateOf,
  type Declaration,
  type Instance,
} from '../domain/instance.ts';

const milliseconds = z.number().exactOptional();

const defined = {
  id: z.string(),
  name: z.string(),
  initial: z.enum(CHECK_STATUSES),
  deregisterAfterMs: milliseconds,
};

const check = z.discriminatedUnion('kind', [
  z.object({ ...defined, kind: z.literal('ttl'), ttlMs: z.number() }),
  z.object({
    ...defined,
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

const declaration = z.object({
  url: z.string(),
  healthCheckUrl: z.string().exactOptional(),
  version: z.string(),
  weight: z.number(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  protocol: z.enum(PROTOCOLS),
  details: z.record(z.string(), z.unknown()),
});

const head = z.tuple([
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.enum(STATES),
  z.coerce.number(),
]);

const override = z.object({
  state: z.enum(STATES),
  reason: z.string(),
  since: z.number(),
  label: z.string().exactOptional(),
});

const verdicts = z.record(
  z.string(),
  z.object({ status: z.enum(CHECK_STATUSES), since: z.number(), output: z.string() }),
);

/** An instance's lines in Redis, each empty or JSON but for the first. */
const record = z.object({
  head,
  override: override.optional(),
  verdicts: verdicts.default({}),
  checks: z.array(check).default([]),
  declaration,
});

/**
 * A declaration as Redis keeps it, without its checks: the same text for the same declaration, since a change is told by the text. The
 * URL stands first, where instances are looked for by it.
 */
export function declarationText(declared: Declaration): string {
  const { url, healthCheckUrl, version, weight, tags, metadata, protocol, details } = declared;
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

/** Apart from it, for scripts to read; empty where there are none. */
export function checksText({ checks }: Declaration): string {
  return checks.length === 0 ? '' : JSON.stringify(checks);
}

/** How the text of a declaration with this URL begins. */
export function declarationStart(url: string): string {
  return JSON.stringify({ url }).slice(0, -1);
}

/** What Redis has under an instance's id; undefined for what cannot be read, which is nobody to send traffic to. */
export function instanceFrom(
  service: string,
  instanceId: string,
  modifyIndex: number,
  value: string,
): Instance | undefined {
  const [facts = '', ...lines] = value.split('\n');
  const [overrideLine, verdictLine, checkLine, declarationLine] = lines.map(parsed);
  const read = record.safeParse({
    head: facts.split(' '),
    override: overrideLine,
    verdicts: verdictLine,
    checks: checkLine,
    declaration: declarationLine,
  });
  if (!read.success) return undefined;
  const { override, checks: defined, declaration: declared } = read.data;
  const [incarnation, registeredAt, createIndex, changedAt, state, ttlMs] = read.data.head;
  const judged = defined.map((check) => judgedCheck(check, registeredAt, read.data.verdicts[check.id]));
  const lease = ttlMs === 0 ? [] : [heartbeatCheck(ttlMs, state, registeredAt)];
  return {
    service,
    instanceId,
    ...declared,
    state: stateOf({ declared: state, verdicts: judged, override }),
    declared: state,
    ...(override === undefined ? {} : { override }),
    checks: [...lease, ...judged],
    incarnation,
    registeredAt,
    changedAt,
    ...(ttlMs === 0 ? {} : { ttlMs }),
    createIndex,
    modifyIndex,
  };
}

function judgedCheck(check: CheckDefinition, registeredAt: number, verdict: Verdict | undefined): Check {
  const { status, since, output } = verdict ?? { status: check.initial, since: registeredAt, output: '' };
  return { ...check, status, since, output };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

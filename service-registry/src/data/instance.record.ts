import { z } from 'zod';
import { STATES, type Declaration, type Instance } from '../domain/instance.ts';

const declaration = z.object({
  url: z.string(),
  healthCheckUrl: z.string().exactOptional(),
  version: z.string(),
  weight: z.number(),
  metadata: z.record(z.string(), z.string()),
});

const head = z.tuple([z.coerce.number(), z.coerce.number(), z.enum(STATES), z.coerce.number()]);

/** A declaration as Redis keeps it: the same text for the same declaration, since a change is told by the text. */
export function declarationText({ url, healthCheckUrl, version, weight, metadata }: Declaration): string {
  const sorted = Object.fromEntries(
    Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  return JSON.stringify({ url, healthCheckUrl, version, weight, metadata: sorted });
}

/** An entry of a service's hash; undefined for one that cannot be read, which is nobody to send traffic to. */
export function instanceFrom(service: string, instanceId: string, value: string): Instance | undefined {
  const end = value.indexOf('\n');
  const facts = head.safeParse(value.slice(0, end).split(' '));
  const declared = declaration.safeParse(parsed(value.slice(end + 1)));
  if (!facts.success || !declared.success) return undefined;
  const [incarnation, registeredAt, state, ttlMs] = facts.data;
  return { service, instanceId, ...declared.data, incarnation, registeredAt, state, ttlMs };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

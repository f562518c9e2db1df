import { createHash } from 'node:crypto';

export type EntityKind = 'service' | 'route' | 'upstream' | 'target' | 'plugin' | 'consumer';

/** @param given the id in the file. */
export const targetId = (upstream: string, target: string, given?: string) =>
  entityId('target', `${upstream} ${target}`, given);

/** RFC 9562's namespace for URLs; a URN is one. */
const NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/**
 * An entity's id: the one in the file, or else a UUID of version 5 (RFC 9562, 5.5) of its name, as in Kong: the same
 * on every gateway.
 */
export function entityId(kind: EntityKind, name: string, given: string | undefined): string {
  if (given !== undefined) return given;
  const hex = createHash('sha1').update(NAMESPACE).update(`urn:plaza:${kind}:${name}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(18, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

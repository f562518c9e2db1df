/**
 * Headers that are about one connection and not about the message (RFC 9110, 7.6.1). `trailer` is not among
 * them any more.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Losing these would change where the message ends, what it is, or whom it is from and for: `Connection`
 * cannot name them, or a client could have the gateway check one request and the service see another.
 */
const END_TO_END_HEADERS = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'origin',
]);

const NO_NAMES: ReadonlySet<string> = new Set();

/** What a `Connection` header declares to be hop-by-hop as well; in small letters. */
export function connectionHeaderNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NO_NAMES;
  const names = connection.split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => !END_TO_END_HEADERS.has(name)));
}

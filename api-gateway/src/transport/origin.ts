/** The address of an instance. */
export interface Origin {
  /** `http://127.0.0.1:3001`, without a slash at the end. */
  readonly href: string;
  readonly protocol: 'http:' | 'https:';
  /** An IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As in the Host header: with the port unless it is the protocol's default. */
  readonly host: string;
}

/** Undefined for anything but an http or https URL. */
export function parseOrigin(url: string): Origin | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined;
  const { protocol, host, origin: href } = parsed;
  const standard = protocol === 'https:' ? 443 : 80;
  return {
    href,
    protocol,
    host,
    hostname: parsed.hostname.replaceAll(/^\[|\]$/g, ''),
    port: parsed.port === '' ? standard : Number(parsed.port),
  };
}

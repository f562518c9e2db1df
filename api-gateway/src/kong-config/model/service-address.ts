/** A service's location: a name in the registry, or an address if it has a port. */
export interface ServiceAddress {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number | undefined;
}

/** @throws {TypeError} for an invalid URL. */
export function parseAddress(url: string): ServiceAddress {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return {
    protocol: secure ? 'https:' : 'http:',
    host: hostname,
    port: port === '' ? explicitPort(url, secure) : Number(port),
  };
}

/** `new URL` drops the protocol's default port, but a written port makes the host an address. */
function explicitPort(url: string, secure: boolean): number | undefined {
  if (!/^\w+:\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(url)) return undefined;
  return secure ? 443 : 80;
}

/**
 * A host with a dot is a DNS name and gets the protocol's default port. A host without a dot is a name in the registry,
 * except localhost. An upstream of the file takes precedence over both, with or without a port.
 */
export function normaliseAddress(address: ServiceAddress, upstreams: ReadonlySet<string>): ServiceAddress {
  const { host, port, protocol } = address;
  if (upstreams.has(host)) return { ...address, port: undefined };
  if (port !== undefined || !/[.:]|^localhost$/.test(host)) return address;
  return { ...address, port: protocol === 'https:' ? 443 : 80 };
}

/** Where a service is: a name in the registry, or, with a port, an address. */
export interface ServiceAddress {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number | undefined;
}

/** @throws {TypeError} for what is no URL. */
export function parseAddress(url: string): ServiceAddress {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return {
    protocol: secure ? 'https:' : 'http:',
    host: hostname,
    port: port === '' ? explicitPort(url, secure) : Number(port),
  };
}

/** `new URL` drops a port that is the protocol's own, and here it matters whether one was written. */
function explicitPort(url: string, secure: boolean): number | undefined {
  if (!/^\w+:\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(url)) return undefined;
  return secure ? 443 : 80;
}

/**
 * A host with a dot is a name of DNS, which has a port even if none is written; one without is a name in
 * the registry, unless it is this machine's. An upstream of the file goes before both, whatever the port.
 */
export function normaliseAddress(address: ServiceAddress, upstreams: ReadonlySet<string>): ServiceAddress {
  const { host, port, protocol } = address;
  if (upstreams.has(host)) return { ...address, port: undefined };
  if (port !== undefined || !/[.:]|^localhost$/.test(host)) return address;
  return { ...address, port: protocol === 'https:' ? 443 : 80 };
}

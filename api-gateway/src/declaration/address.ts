/** Where a service is: a name in the registry, or, with a port, an address. */
export interface Address {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number | undefined;
}

/** @throws {TypeError} for what is no URL. */
export function addressOf(url: string): Address {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return {
    protocol: secure ? 'https:' : 'http:',
    host: hostname,
    port: port === '' ? portWrittenOut(url, secure) : Number(port),
  };
}

/** `new URL` drops a port that is the protocol's own, and here it matters whether one was written. */
function portWrittenOut(url: string, secure: boolean): number | undefined {
  if (!/^\w+:\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(url)) return undefined;
  return secure ? 443 : 80;
}

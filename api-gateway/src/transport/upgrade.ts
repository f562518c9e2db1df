import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A connection that its client wants to speak another protocol over. */
export interface ProtocolUpgrade {
  readonly socket: Socket;
  /** What the client has sent after its request. */
  readonly head: Buffer;
}

const UPGRADE = Symbol('upgrade');

interface UpgradeRequest extends IncomingMessage {
  [UPGRADE]?: ProtocolUpgrade;
}

export function setUpgrade(request: UpgradeRequest, upgrade: ProtocolUpgrade): void {
  request[UPGRADE] = upgrade;
}

/** undefined for a request that is answered over HTTP. */
export function getUpgrade(request: UpgradeRequest): ProtocolUpgrade | undefined {
  return request[UPGRADE];
}

/**
 * Of all protocols, WebSocket alone (RFC 6455): HTTP/2 in clear text would be a tunnel past every check. And
 * none with a body, whose end two servers could see in two places.
 */
export function isWebSocketUpgrade({ method, headers, httpVersion }: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length !== undefined || encoding !== undefined) return false;
  return method === 'GET' && httpVersion === '1.1' && upgrade?.toLowerCase() === 'websocket';
}

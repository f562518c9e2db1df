import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** A connection whose client asks for another protocol. */
export interface ProtocolUpgrade {
  readonly socket: Socket;
  /** Bytes that the client has sent after its request. */
  readonly head: Buffer;
}

const UPGRADE = Symbol('upgrade');

interface UpgradeRequest extends IncomingMessage {
  [UPGRADE]?: ProtocolUpgrade;
}

export function setUpgrade(request: UpgradeRequest, upgrade: ProtocolUpgrade): void {
  request[UPGRADE] = upgrade;
}

/** Undefined for an ordinary HTTP request. */
export function getUpgrade(request: UpgradeRequest): ProtocolUpgrade | undefined {
  return request[UPGRADE];
}

/**
 * Only WebSocket (RFC 6455): h2c would be a tunnel past every check. And only without a body: two servers could
 * disagree about its end.
 */
export function isWebSocketUpgrade({ method, headers, httpVersion }: IncomingMessage): boolean {
  const { upgrade, 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length !== undefined || encoding !== undefined) return false;
  return method === 'GET' && httpVersion === '1.1' && upgrade?.toLowerCase() === 'websocket';
}

import { ServerResponse, type IncomingMessage, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import type { ServerHandlers } from '@plaza/service-kit';
import { setUpgrade, isWebSocketUpgrade } from '../transport/upgrade.ts';

/**
 * Lets a request for a WebSocket go the way of every other: the same checks, routes, limits and errors, up to
 * the instance that is asked. Node gives such a request no response, so it gets one here.
 */
export function createWebSocketUpgradeHandler(
  app: RequestListener,
  closeAll: () => void,
): NonNullable<ServerHandlers['upgrade']> {
  return {
    accepts: isWebSocketUpgrade,
    closeAll,
    handle: (request, socket, head) => {
      socket.on('error', () => undefined);
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      setUpgrade(request, { socket, head });
      app(request, createSocketResponse(socket, request));
    },
  };
}

/** It ends the connection: after an answer that is none of the asked protocol, who knows what comes over it. */
function createSocketResponse(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
    process.nextTick(() => response.emit('close'));
  });
  return response;
}

import { ServerResponse, type IncomingMessage, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import type { ServerHandlers } from '@plaza/service-kit';
import { setUpgrade, isWebSocketUpgrade } from '../transport/upgrade.ts';

/**
 * Sends a WebSocket request through the same checks, routes, limits and errors as any other. Node creates no
 * response for such a request, so this does.
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

/**
 * The response closes the connection: after an HTTP response, the client may still send bytes of the other
 * protocol.
 */
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

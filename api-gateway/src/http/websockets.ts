import { ServerResponse, type IncomingMessage, type RequestListener } from 'node:http';
import { Socket } from 'node:net';
import type { Handlers } from '@plaza/service-kit';
import { markUpgrade, wantsWebSocket } from '../upstream/upgrade.ts';

/**
 * Lets a request for a WebSocket go the way of every other: the same checks, routes, limits and errors, up to
 * the instance that is asked. Node gives such a request no response, so it gets one here.
 */
export function webSockets(app: RequestListener, end: () => void): NonNullable<Handlers['upgrade']> {
  return {
    accepts: wantsWebSocket,
    end,
    take: (request, socket, head) => {
      socket.on('error', () => undefined);
      if (!(socket instanceof Socket)) {
        socket.destroy();
        return;
      }
      markUpgrade(request, { socket, head });
      app(request, responseOver(socket, request));
    },
  };
}

/** It ends the connection: after an answer that is none of the asked protocol, who knows what comes over it. */
function responseOver(socket: Socket, request: IncomingMessage): ServerResponse {
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

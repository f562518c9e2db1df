import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** In which a connection must stand: a machine that is gone does not refuse, it says nothing. */
const CONNECT_MS = 1_000;

/** Connections that are kept, given up where they do not stand in time. */
export function createHttpAgents(connectMs = CONNECT_MS): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  return {
    httpAgent: withConnectTimeout(new HttpAgent({ keepAlive: true }), 'connect', connectMs),
    httpsAgent: withConnectTimeout(new HttpsAgent({ keepAlive: true }), 'secureConnect', connectMs),
  };
}

function withConnectTimeout<Kind extends HttpAgent>(agent: Kind, standing: string, connectMs: number): Kind {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket !== null && socket !== undefined) destroyOnTimeout(socket, standing, connectMs);
    return socket;
  };
  return agent;
}

/** Where this process was busy, the connection may stand, and the news of it wait behind the timer: it is let pass. */
function destroyOnTimeout(socket: Duplex, standing: string, connectMs: number): void {
  let over = false;
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (!over) socket.destroy(new ConnectTimeout(connectMs));
    });
  }, connectMs);
  const end = () => {
    over = true;
    clearTimeout(timer);
  };
  socket.once(standing, end);
  socket.once('close', end);
}

/** As the operating system would say it, had it not so much more patience. */
class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';
  readonly syscall = 'connect';

  constructor(connectMs: number) {
    super(`no connection within ${connectMs} ms`);
  }
}

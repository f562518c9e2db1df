import { join } from 'node:path';
import { anyPort } from '../process/port.ts';
import { serverKinds } from '../servers/kinds.ts';
import {
  findOrInstall,
  type Ports,
  type ServerName,
  type ServerSettings,
  startServer,
} from '../servers/server.ts';

/** A server that all test files of a run share. */
export interface SharedServer {
  readonly url: string;
  /** Undefined where it is the environment's, which stays when the run is over. */
  readonly ports: Ports | undefined;
}

export interface SharedServers {
  /** Starts the server at the first call. */
  get(name: ServerName): Promise<SharedServer>;
}

export function createSharedServers(
  directory: string,
  kill: (stop: () => Promise<unknown>) => void,
): SharedServers {
  const starting = new Map<ServerName, Promise<SharedServer>>();

  async function start(name: ServerName): Promise<SharedServer> {
    const kind = serverKinds[name];
    const url = process.env[kind.variable];
    if (url) return { url, ports: undefined };
    const settings = await testSettings(join(directory, name));
    const child = await startServer(kind, await findOrInstall(kind), settings);
    kill(() => child.kill());
    void child.exit.then(() => starting.delete(name)); // the next test file gets a new one
    return { url: kind.url(settings.ports), ports: settings.ports };
  }

  return {
    get(name) {
      let server = starting.get(name);
      if (server === undefined) {
        server = start(name);
        starting.set(name, server);
        server.catch(() => starting.delete(name));
      }
      return server;
    },
  };
}

/** Free ports, and data that nobody will miss. */
export async function testSettings(directory: string): Promise<ServerSettings> {
  const ports = { main: await anyPort(), management: await anyPort() };
  return { ports, directory, log: `${directory}.log`, durable: false };
}

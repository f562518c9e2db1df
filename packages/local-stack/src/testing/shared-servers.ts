import { join } from 'node:path';
import { findFreePort } from '../process/free-port.ts';
import { serverTypes } from '../servers/server-types.ts';
import {
  findOrInstall,
  type ServerPorts,
  type ServerName,
  type ServerSettings,
  startServer,
} from '../servers/server.ts';

/** A server shared by all test files of a run. */
export interface SharedServer {
  readonly url: string;
  /** Undefined for a server of the environment, which stays after the run. */
  readonly ports: ServerPorts | undefined;
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
    const type = serverTypes[name];
    const url = process.env[type.variable];
    if (url) return { url, ports: undefined };
    const settings = await createTestServerSettings(join(directory, name));
    const child = await startServer(type, await findOrInstall(type), settings);
    kill(() => child.kill());
    void child.exit.then(() => starting.delete(name)); // the next test file gets a new one
    return { url: type.url(settings.ports), ports: settings.ports };
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

/** Free ports, and temporary data. */
export async function createTestServerSettings(directory: string): Promise<ServerSettings> {
  const ports = { main: await findFreePort(), management: await findFreePort() };
  return { ports, directory, log: `${directory}.log`, durable: false };
}

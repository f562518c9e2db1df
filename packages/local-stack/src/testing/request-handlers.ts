import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { serverTypes } from '../servers/server-types.ts';
import { managementApiAtPorts } from '../servers/rabbitmq-management.ts';
import type { ServerName } from '../servers/server.ts';
import { discoverServices, type WorkspaceService } from '../services/services.ts';
import { StackError } from '../stack-error.ts';
import {
  type ManagedProcess,
  createManagedServer,
  createManagedService,
  type ManagedServiceOptions,
} from './managed-process.ts';
import { createResourceTracker, type ReleaseResource } from './resource-tracker.ts';
import type { TestServerResponses, TestServerRequests } from './ipc-protocol.ts';
import { createSharedBrowser } from './shared-browser.ts';
import { createSharedServers, createTestServerSettings } from './shared-servers.ts';
import { createNamespaceFactories } from './test-namespaces.ts';
import { createStandaloneEnv, createStackEnvs } from './service-env.ts';

/** The actions of the test server manager for a test file, the owner. */
export type RequestHandlers = {
  readonly [Name in keyof TestServerRequests]: (
    owner: string,
    request: TestServerRequests[Name],
  ) => Promise<TestServerResponses[Name]>;
} & { close(): Promise<void> };

/** `directory` is for the data of the servers. */
export function createRequestHandlers(directory: string): RequestHandlers {
  const kills: ReleaseResource[] = [];
  const shared = createSharedServers(directory, (kill) => kills.push(kill));
  const browser = createSharedBrowser((kill) => kills.push(kill));
  const namespaceFactories = createNamespaceFactories();
  const tracker = createResourceTracker();
  const processes = new Map<string, ManagedProcess>();

  async function space(owner: string, server: ServerName): Promise<TestServerResponses['space']> {
    const own = await namespaceFactories[server](await shared.get(server));
    tracker.track(owner, own.release);
    return own.namespace;
  }

  async function start(owner: string, process: ManagedProcess): Promise<string> {
    const id = randomUUID();
    processes.set(id, process);
    tracker.track(owner, async () => {
      processes.delete(id);
      await process.kill();
    });
    await process.start(true);
    return id;
  }

  async function startService(
    owner: string,
    service: WorkspaceService,
    settings: ManagedServiceOptions,
  ): Promise<TestServerResponses['service']> {
    const id = await start(owner, createManagedService(service, settings));
    return { id, name: service.name, url: settings.url };
  }

  function find(id: string): ManagedProcess {
    const process = processes.get(id);
    if (process === undefined) throw new StackError('The test file that owned this process has ended.');
    return process;
  }

  return {
    space: (owner, { server }) => space(owner, server),

    async server(owner, { server: name }) {
      const type = serverTypes[name];
      const settings = await createTestServerSettings(join(directory, `${name}-${randomUUID()}`));
      const id = await start(owner, createManagedServer(type, settings));
      const management = name === 'rabbitmq' ? { management: managementApiAtPorts(settings.ports) } : {};
      return { id, name, url: type.url(settings.ports), ...management };
    },

    async service(owner, { name, env, until }) {
      const service = (await discoverServices()).find((candidate) => candidate.name === name);
      if (service === undefined) throw new StackError(`No workspace is a service named ${name}.`);
      const { url, env: own } = await createStandaloneEnv(service);
      return startService(owner, service, { url, env: { ...own, ...env }, until });
    },

    async stack(owner, { env, replicas }) {
      const urlOf = async (server: ServerName): Promise<string> => (await space(owner, server)).url;
      const envs = await createStackEnvs(await discoverServices(), urlOf, replicas);
      return Promise.all(
        envs.map(({ service, url, env: own }) =>
          startService(owner, service, { url, env: { ...own, ...env[service.name] }, until: 'ready' }),
        ),
      );
    },

    async control(_owner, { id, action, empty }) {
      await (action === 'start' ? find(id).start(empty) : find(id)[action]());
      return {};
    },

    async logs(_owner, { id }) {
      return [...find(id).logs()];
    },

    browser: async () => ({ url: await browser() }),

    async close() {
      await tracker.releaseAll();
      await Promise.all(kills.map((kill) => kill()));
    },
  };
}

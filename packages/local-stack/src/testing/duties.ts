import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { serverKinds } from '../servers/kinds.ts';
import { managementOf } from '../servers/rabbitmq-management.ts';
import type { ServerName } from '../servers/server.ts';
import { discoverServices, type Service } from '../services/services.ts';
import { StackError } from '../stack-error.ts';
import { type Controlled, controlledServer, controlledService, type ServiceSettings } from './controlled.ts';
import { createOwners, type Release } from './owners.ts';
import type { Answers, Requests } from './protocol.ts';
import { createSharedBrowser } from './shared-browser.ts';
import { createSharedServers, testSettings } from './shared-servers.ts';
import { createSpaces } from './spaces.ts';
import { wireAlone, wireServices } from './wiring.ts';

/** What the keeper does for a test file, its owner. */
export type Duties = {
  readonly [Name in keyof Requests]: (owner: string, request: Requests[Name]) => Promise<Answers[Name]>;
} & { end(): Promise<void> };

/** `directory` is for the data of the servers. */
export function createDuties(directory: string): Duties {
  const kills: Release[] = [];
  const shared = createSharedServers(directory, (kill) => kills.push(kill));
  const browser = createSharedBrowser((kill) => kills.push(kill));
  const spaces = createSpaces();
  const owners = createOwners();
  const processes = new Map<string, Controlled>();

  async function space(owner: string, server: ServerName): Promise<Answers['space']> {
    const own = await spaces[server](await shared.get(server));
    owners.hold(owner, own.release);
    return own.space;
  }

  async function start(owner: string, process: Controlled): Promise<string> {
    const id = randomUUID();
    processes.set(id, process);
    owners.hold(owner, async () => {
      processes.delete(id);
      await process.kill();
    });
    await process.start(true);
    return id;
  }

  async function startService(
    owner: string,
    service: Service,
    settings: ServiceSettings,
  ): Promise<Answers['service']> {
    const id = await start(owner, controlledService(service, settings));
    return { id, name: service.name, url: settings.url };
  }

  function find(id: string): Controlled {
    const process = processes.get(id);
    if (process === undefined) throw new StackError('This process belonged to a test file that is over.');
    return process;
  }

  return {
    space: (owner, { server }) => space(owner, server),

    async server(owner, { server: name }) {
      const kind = serverKinds[name];
      const settings = await testSettings(join(directory, `${name}-${randomUUID()}`));
      const id = await start(owner, controlledServer(kind, settings));
      const management = name === 'rabbitmq' ? { management: managementOf(settings.ports) } : {};
      return { id, name, url: kind.url(settings.ports), ...management };
    },

    async service(owner, { name, env, until }) {
      const service = (await discoverServices()).find((candidate) => candidate.name === name);
      if (service === undefined) throw new StackError(`No workspace is a service named ${name}.`);
      const { url, env: own } = await wireAlone(service);
      return startService(owner, service, { url, env: { ...own, ...env }, until });
    },

    async stack(owner, { env, replicas }) {
      const urlOf = async (server: ServerName): Promise<string> => (await space(owner, server)).url;
      const wired = await wireServices(await discoverServices(), urlOf, replicas);
      return Promise.all(
        wired.map(({ service, url, env: own }) =>
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

    async end() {
      await owners.releaseAll();
      await Promise.all(kills.map((kill) => kill()));
    },
  };
}

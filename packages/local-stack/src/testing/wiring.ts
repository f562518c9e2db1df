import { anyPort } from '../process/port.ts';
import type { ServerName } from '../servers/server.ts';
import { registryName, serviceEnvironment, type ServerUrls } from '../services/environment.ts';
import type { Service } from '../services/services.ts';

export interface Wired {
  readonly service: Service;
  readonly url: string;
  readonly env: Record<string, string>;
}

/** Tests compare and search what a service prints. */
const plain = { NO_COLOR: '1' };

/** A service on a free port that knows no server and no other service. */
export async function wireAlone(service: Service): Promise<Wired> {
  const port = await anyPort();
  return wired(service, {}, new Map([[service.name, port]]));
}

/**
 * Services that know each other and share Redis and RabbitMQ, each with a database of its own, as in npm start.
 * `replicas` says of which there are several: they share all but their port.
 */
export async function wireServices(
  services: readonly Service[],
  urlOf: (server: ServerName) => Promise<string>,
  replicas: Readonly<Record<string, number>> = {},
): Promise<Wired[]> {
  const ports = new Map<string, readonly number[]>();
  for (const { name } of services) ports.set(name, await somePorts(replicas[name] ?? 1));
  const used = (server: ServerName): boolean => services.some(({ uses }) => uses.includes(server));
  const shared = {
    ...(used('redis') && { redis: await urlOf('redis') }),
    ...(used('rabbitmq') && { rabbitmq: await urlOf('rabbitmq') }),
  };
  const wiredAll = services.map(async (service) => {
    const own = service.uses.includes('mongodb') ? { mongodb: await urlOf('mongodb') } : {};
    return replicasOf(service, { ...shared, ...own }, ports);
  });
  return (await Promise.all(wiredAll)).flat();
}

async function somePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await anyPort());
  return ports;
}

/** Others know the first replica by its address, and the rest by the registry; all registries they know by address. */
function replicasOf(
  service: Service,
  servers: ServerUrls,
  ports: ReadonlyMap<string, readonly number[]>,
): Wired[] {
  const firsts = new Map(
    [...ports].flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first]])),
  );
  const registries = (ports.get(registryName) ?? []).map((port) => `http://127.0.0.1:${port}`);
  return (ports.get(service.name) ?? []).map((port) => {
    const { url, env } = wired(service, servers, new Map([...firsts, [service.name, port]]));
    const known = env['REGISTRY_URL'] === undefined ? {} : { REGISTRY_URL: registries.join() };
    return { service, url, env: { ...env, ...known } };
  });
}

function wired(service: Service, servers: ServerUrls, ports: ReadonlyMap<string, number>): Wired {
  const url = `http://127.0.0.1:${ports.get(service.name)}`;
  // Whichever is free: who needs it reads in the log which it is.
  const admin = service.adminPort === undefined ? {} : { ADMIN_PORT: '0' };
  return { service, url, env: { ...serviceEnvironment(service, servers, ports), ...admin, ...plain } };
}

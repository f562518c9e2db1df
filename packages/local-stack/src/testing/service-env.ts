import { findFreePort } from '../process/free-port.ts';
import type { ServerName } from '../servers/server.ts';
import { registryName, createServiceEnvironment, type ServerUrls } from '../services/environment.ts';
import type { WorkspaceService } from '../services/services.ts';

export interface TestServiceEnv {
  readonly service: WorkspaceService;
  readonly url: string;
  readonly env: Record<string, string>;
}

/** Tests compare and search the output of a service. */
const plain = { NO_COLOR: '1' };

/** A service on a free port, without servers and other services. */
export async function createStandaloneEnv(service: WorkspaceService): Promise<TestServiceEnv> {
  const port = await findFreePort();
  return createTestServiceEnv(service, {}, new Map([[service.name, port]]));
}

/**
 * Services with each other's addresses, a shared Redis and RabbitMQ, and a database each, as in npm start.
 * `replicas` is the number of processes per service: they share everything except their port.
 */
export async function createStackEnvs(
  services: readonly WorkspaceService[],
  urlOf: (server: ServerName) => Promise<string>,
  replicas: Readonly<Record<string, number>> = {},
): Promise<TestServiceEnv[]> {
  const ports = new Map<string, readonly number[]>();
  for (const { name } of services) ports.set(name, await findFreePorts(replicas[name] ?? 1));
  const used = (server: ServerName): boolean => services.some(({ uses }) => uses.includes(server));
  const shared = {
    ...(used('redis') && { redis: await urlOf('redis') }),
    ...(used('rabbitmq') && { rabbitmq: await urlOf('rabbitmq') }),
  };
  const envs = services.map(async (service) => {
    const own = service.uses.includes('mongodb') ? { mongodb: await urlOf('mongodb') } : {};
    return createReplicaEnvs(service, { ...shared, ...own }, ports);
  });
  return (await Promise.all(envs)).flat();
}

async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await findFreePort());
  return ports;
}

/** Services find the first replica by its address, the others through the registry; registries by address. */
function createReplicaEnvs(
  service: WorkspaceService,
  servers: ServerUrls,
  ports: ReadonlyMap<string, readonly number[]>,
): TestServiceEnv[] {
  const firsts = new Map(
    [...ports].flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first]])),
  );
  const registries = (ports.get(registryName) ?? []).map((port) => `http://127.0.0.1:${port}`);
  return (ports.get(service.name) ?? []).map((port) => {
    const { url, env } = createTestServiceEnv(service, servers, new Map([...firsts, [service.name, port]]));
    const known = env['REGISTRY_URL'] === undefined ? {} : { REGISTRY_URL: registries.join() };
    return { service, url, env: { ...env, ...known } };
  });
}

function createTestServiceEnv(
  service: WorkspaceService,
  servers: ServerUrls,
  ports: ReadonlyMap<string, number>,
): TestServiceEnv {
  const url = `http://127.0.0.1:${ports.get(service.name)}`;
  // Any free port; the log contains it.
  const admin = service.adminPort === undefined ? {} : { ADMIN_PORT: '0' };
  return { service, url, env: { ...createServiceEnvironment(service, servers, ports), ...admin, ...plain } };
}

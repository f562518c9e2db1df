import { anyPort } from '../process/port.ts';
import type { ServerName } from '../servers/server.ts';
import { serviceEnvironment, type ServerUrls } from '../services/environment.ts';
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

/** Services that know each other and share Redis and RabbitMQ, each with a database of its own, as in npm start. */
export async function wireServices(
  services: readonly Service[],
  urlOf: (server: ServerName) => Promise<string>,
): Promise<Wired[]> {
  const ports = new Map<string, number>();
  for (const { name } of services) ports.set(name, await anyPort());
  const used = (server: ServerName): boolean => services.some(({ uses }) => uses.includes(server));
  const shared = {
    ...(used('redis') && { redis: await urlOf('redis') }),
    ...(used('rabbitmq') && { rabbitmq: await urlOf('rabbitmq') }),
  };
  return Promise.all(
    services.map(async (service) => {
      const own = service.uses.includes('mongodb') ? { mongodb: await urlOf('mongodb') } : {};
      return wired(service, { ...shared, ...own }, ports);
    }),
  );
}

function wired(service: Service, servers: ServerUrls, ports: ReadonlyMap<string, number>): Wired {
  const url = `http://127.0.0.1:${ports.get(service.name)}`;
  return { service, url, env: { ...serviceEnvironment(service, servers, ports), ...plain } };
}

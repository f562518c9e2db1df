import type { ServerName } from '../servers/server.ts';
import type { Service } from './discover.ts';

/** Where the servers are; MongoDB without a database, since each service has one of its own. */
export type ServerUrls = Partial<Readonly<Record<ServerName, string>>>;

/** `USERS_SERVICE_URL` for users-service. */
export function urlVariable(service: string): string {
  return `${service.replace(/-service$/, '').toUpperCase().replaceAll('-', '_')}_SERVICE_URL`;
}

/**
 * The environment of a service: its own address, the servers that it uses, and the address of every other service.
 * `ports` has each service's port by name.
 */
export function serviceEnvironment(
  service: Service,
  servers: ServerUrls,
  ports: ReadonlyMap<string, number>,
): Record<string, string> {
  const urlOf = (name: string): string => `http://127.0.0.1:${ports.get(name)}`;
  const env: Record<string, string> = {
    NODE_ENV: 'development',
    PORT: String(ports.get(service.name)),
    SERVICE_NAME: service.name,
    SERVICE_VERSION: service.version,
    SERVICE_URL: urlOf(service.name),
    LOG_FORMAT: 'pretty',
  };
  if (servers.redis !== undefined) env['REDIS_URL'] = servers.redis;
  if (servers.rabbitmq !== undefined) env['RABBITMQ_URL'] = servers.rabbitmq;
  if (servers.mongodb !== undefined) env['MONGODB_URI'] = databaseUri(servers.mongodb, service.name);
  for (const name of ports.keys()) {
    if (name === service.name) continue;
    env[name === 'service-registry' ? 'REGISTRY_URL' : urlVariable(name)] = urlOf(name);
  }
  return env;
}

/** The URI of a server with another database in it. */
export function databaseUri(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}

import type { ServerPorts } from './server.ts';

/** RabbitMQ's HTTP API and pages. */
export interface RabbitmqManagement {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** The course's credentials. Servers that Plaza runs listen on loopback only. */
export const adminCredentials = { user: 'admin', password: 'admin' };

/** The management API of a broker that Plaza runs. */
export function managementApiAtPorts(ports: ServerPorts): RabbitmqManagement {
  return { url: `http://127.0.0.1:${getManagementPort(ports)}`, ...adminCredentials };
}

export function getManagementPort({ management = 15672 }: ServerPorts): number {
  return management;
}

/** The management API of the broker at an AMQP URL: RABBITMQ_MANAGEMENT_URL, or port 15672 with the same host and user. */
export function managementApiOfBroker(url: string): RabbitmqManagement {
  const { hostname, username, password } = new URL(url);
  return {
    url: process.env['RABBITMQ_MANAGEMENT_URL'] ?? `http://${hostname}:15672`,
    user: decodeURIComponent(username) || 'guest',
    password: decodeURIComponent(password) || 'guest',
  };
}

/** Calls the management API; throws for an error status. */
export async function callManagementApi(
  to: RabbitmqManagement,
  method: string,
  path: string,
  body?: object,
): Promise<void> {
  const authorization = `Basic ${btoa(`${to.user}:${to.password}`)}`;
  const response = await fetch(`${to.url}/api${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw new Error(`RabbitMQ's management API answered ${response.status} to ${method} ${path}.`);
}

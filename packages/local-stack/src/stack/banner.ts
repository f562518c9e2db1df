import { relative } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import { rabbitmq } from '../servers/rabbitmq.ts';
import { managementApiAtPorts } from '../servers/rabbitmq-management.ts';
import type { ServerPorts, ServerType } from '../servers/server.ts';
import { registryName } from '../services/environment.ts';
import type { WorkspaceService } from '../services/services.ts';
import { bold, dim } from '../terminal.ts';
import { logsDirectory } from './data.ts';
import type { StackPorts } from './port-assignment.ts';

const gateway = 'api-gateway';

type Row = readonly [title: string, value: string];

/** The text after a complete start: every address, and a first call. */
export function renderBanner(services: readonly WorkspaceService[], ports: StackPorts): string {
  const rows = [
    ...services.map(({ name, label }): Row => [label, `${serviceUrl(label, ports)}${servicePath(name)}`]),
    ...[...ports.admins].map(([, port]): Row => ['Admin API', `http://localhost:${port}`]),
    ...[...ports.servers].map(([type, own]): Row => [type.title, serverAddress(type, own)]),
    ['Logs', relative(repositoryRoot, logsDirectory)] satisfies Row,
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  const table = rows.map(([title, value]) => `  ${title.padEnd(width)}  ${value}`);
  const call = ports.services.has(gateway) ? exampleRequest(serviceUrl(gateway, ports)) : [];
  return ['', bold('  Plaza is up.'), '', ...table, '', ...call, dim('  Ctrl-C stops everything.'), ''].join(
    '\n',
  );
}

function serviceUrl(label: string, ports: StackPorts): string {
  return `http://localhost:${ports.services.get(label)}`;
}

/** The gateway's address, the registry's page of instances, and the API pages of the services. */
function servicePath(name: string): string {
  if (name === registryName) return '/';
  return name === gateway ? '' : '/docs';
}

/** RabbitMQ has pages; the other servers have only a URL for clients. */
function serverAddress(type: ServerType, ports: ServerPorts): string {
  if (type !== rabbitmq) return type.url(ports);
  const { url, user, password } = managementApiAtPorts(ports);
  return `${url}  ${dim(`user ${user}, password ${password}`)}`;
}

function exampleRequest(url: string): string[] {
  return [
    '  Register a user:',
    '',
    `  curl ${url}/api/users -H 'Content-Type: application/json' \\`,
    `    -d '{"username": "ada", "email": "ada@example.com", "password": "correct horse battery"}'`,
    '',
  ];
}

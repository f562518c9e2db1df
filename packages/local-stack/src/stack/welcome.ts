import { relative } from 'node:path';
import { checkout } from '../paths.ts';
import { rabbitmq } from '../servers/rabbitmq.ts';
import { managementOf } from '../servers/rabbitmq-management.ts';
import type { Ports, ServerKind } from '../servers/server.ts';
import { registryName } from '../services/environment.ts';
import type { Service } from '../services/services.ts';
import { bold, dim } from '../terminal.ts';
import { logs } from './data.ts';
import type { StackPorts } from './ports.ts';

const gateway = 'api-gateway';

type Row = readonly [title: string, value: string];

/** What a person wants to know when all is up: every address, and a first call. */
export function welcome(services: readonly Service[], ports: StackPorts): string {
  const rows = [
    ...services.map(({ name, label }): Row => [label, `${urlOf(label, ports)}${pageOf(name)}`]),
    ...[...ports.admins].map(([, port]): Row => ['Admin API', `http://localhost:${port}`]),
    ...[...ports.servers].map(([kind, own]): Row => [kind.title, serverAddress(kind, own)]),
    ['Logs', relative(checkout, logs)] satisfies Row,
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  const table = rows.map(([title, value]) => `  ${title.padEnd(width)}  ${value}`);
  const call = ports.services.has(gateway) ? firstCall(urlOf(gateway, ports)) : [];
  return ['', bold('  Plaza is up.'), '', ...table, '', ...call, dim('  Ctrl-C stops everything.'), ''].join(
    '\n',
  );
}

function urlOf(label: string, ports: StackPorts): string {
  return `http://localhost:${ports.services.get(label)}`;
}

/** The gateway is called, the registry shows who is there, and a service's page describes its API. */
function pageOf(name: string): string {
  if (name === registryName) return '/';
  return name === gateway ? '' : '/docs';
}

/** RabbitMQ's pages are for people; the others have only what a client takes. */
function serverAddress(kind: ServerKind, ports: Ports): string {
  if (kind !== rabbitmq) return kind.url(ports);
  const { url, user, password } = managementOf(ports);
  return `${url}  ${dim(`user ${user}, password ${password}`)}`;
}

function firstCall(url: string): string[] {
  return [
    '  Register a user:',
    '',
    `  curl ${url}/api/users -H 'Content-Type: application/json' \\`,
    `    -d '{"username": "ada", "email": "ada@example.com", "password": "correct horse battery"}'`,
    '',
  ];
}

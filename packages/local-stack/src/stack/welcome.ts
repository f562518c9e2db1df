import { relative } from 'node:path';
import { checkout } from '../paths.ts';
import { managementOf, rabbitmq, rabbitmqPassword, rabbitmqUser } from '../servers/rabbitmq.ts';
import { serverKinds } from '../servers/kinds.ts';
import type { Service } from '../services/services.ts';
import { databaseUri, type ServerUrls } from '../services/environment.ts';
import { bold, dim } from '../terminal.ts';
import { logs } from './data.ts';
import type { StackPorts } from './ports.ts';

/** What a person wants to know when all is up: every address, and a first call. */
export function welcome(services: readonly Service[], ports: StackPorts, urls: ServerUrls): string {
  const rows: [string, string][] = services.map(({ name }) => [name, `${urlOf(name, ports)}${pageOf(name)}`]);
  const brokerPorts = ports.servers.get(rabbitmq);
  if (!process.env[rabbitmq.variable] && brokerPorts) {
    rows.push([
      'RabbitMQ',
      `${managementOf(brokerPorts).url}  ${dim(`user ${rabbitmqUser}, password ${rabbitmqPassword}`)}`,
    ]);
  }
  for (const kind of [serverKinds.mongodb, serverKinds.redis]) {
    const url = urls[kind.name];
    if (url !== undefined) rows.push([kind.title, kind.name === 'mongodb' ? databaseUri(url, '') : url]);
  }
  rows.push(['Logs', relative(checkout, logs)]);
  const width = Math.max(...rows.map(([title]) => title.length));
  const table = rows.map(([title, value]) => `  ${title.padEnd(width)}  ${value}`);
  return ['', bold('  Plaza is up.'), '', ...table, '', ...firstCall(urlOf('api-gateway', ports)), ''].join(
    '\n',
  );
}

function urlOf(name: string, ports: StackPorts): string {
  return `http://localhost:${ports.services.get(name)}`;
}

/** The gateway and the registry are looked at themselves, a service at its API's description. */
function pageOf(name: string): string {
  return name.endsWith('-service') ? '/docs' : '';
}

function firstCall(gateway: string): string[] {
  return [
    '  Register a user:',
    '',
    `  curl ${gateway}/api/users -H 'Content-Type: application/json' \\`,
    `    -d '{"username": "ada", "email": "ada@example.com", "password": "correct horse battery"}'`,
    '',
    dim('  Ctrl-C stops everything.'),
  ];
}

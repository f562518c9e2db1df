import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Child, startChild } from '../process/child.ts';
import { findProgram, isExecutable } from '../process/find-program.ts';
import { findFreePort } from '../process/free-port.ts';
import { aptInstall } from './apt.ts';
import {
  adminCredentials,
  callManagementApi,
  managementApiAtPorts,
  getManagementPort,
} from './rabbitmq-management.ts';
import type { ServerPorts, Program, ServerType, ServerSettings } from './server.ts';

/** Debian's program on PATH switches to another user and the system's data; this path is the server itself. */
const debianProgram = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export const rabbitmq: ServerType = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  variable: 'RABBITMQ_URL',
  defaultPorts: { main: 5672, management: 15672 },
  startTimeoutMs: 90_000,

  async find() {
    const path = await findRabbitmqServer();
    return path === undefined ? undefined : createRabbitmqProgram(path);
  },

  async install(report) {
    return createRabbitmqProgram(await aptInstall('rabbitmq-server', findRabbitmqServer, report));
  },

  url: ({ main }) => `amqp://${adminCredentials.user}:${adminCredentials.password}@127.0.0.1:${main}`,

  isReady: async (ports) => (await isManagementReady(ports)) && (await isAmqpReady(ports.main)),
};

async function findRabbitmqServer(): Promise<string | undefined> {
  if (await isExecutable(debianProgram)) return debianProgram;
  return findProgram('rabbitmq-server', '/usr/local/sbin', '/opt/homebrew/sbin');
}

function createRabbitmqProgram(path: string): Program {
  return {
    label: 'rabbitmq-server',
    path,
    run: (settings, output) => startBroker(path, settings, output),
  };
}

/** Starts the broker with its own port mapper (epmd), which would otherwise stay behind as a daemon. */
async function startBroker(path: string, settings: ServerSettings, output: number): Promise<Child> {
  const { directory } = settings;
  const mapperPort = await findFreePort();
  const env = {
    ...process.env,
    HOME: directory, // the Erlang cookie
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Data is stored by node name. Nodes of the same name do not conflict: each uses its own port mapper only.
    RABBITMQ_NODENAME: 'plaza@localhost',
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    // No configuration of the system.
    RABBITMQ_CONF_ENV_FILE: join(directory, 'none'),
    RABBITMQ_CONFIG_FILES: join(directory, 'none'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_DIST_PORT: String(await findFreePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RUNNING_UNDER_SYSTEMD: 'true', // one process, instead of a shell around it
  };
  await mkdir(directory, { recursive: true });
  await writeFile(env.RABBITMQ_CONFIG_FILE, renderConfig(settings.ports));
  await writeFile(env.RABBITMQ_ENABLED_PLUGINS_FILE, '[rabbitmq_management].\n');

  const mapper = startChild('epmd', ['-port', String(mapperPort), '-address', '127.0.0.1'], { output, env });
  const broker = startChild(path, [], { output, env });
  const exit = broker.exit.then(async (how) => {
    await mapper.kill();
    return how;
  });
  return {
    pid: broker.pid,
    exit,
    stop: (grace = 20) => broker.stop(grace).then(() => exit),
    kill: () => broker.kill().then(() => exit),
  };
}

function renderConfig(ports: ServerPorts): string {
  return `listeners.tcp.local = 127.0.0.1:${ports.main}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${getManagementPort(ports)}
default_user = ${adminCredentials.user}
default_pass = ${adminCredentials.password}
loopback_users = none
`;
}

async function isManagementReady(ports: ServerPorts): Promise<boolean> {
  await callManagementApi(managementApiAtPorts(ports), 'GET', `/health/checks/port-listener/${ports.main}`);
  return true;
}

/** Sends AMQP's protocol header; a broker answers with a method frame (type 1), Connection.Start. */
async function isAmqpReady(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
  socket.once('timeout', () => socket.destroy(new Error('RabbitMQ did not answer within 2 s.')));
  try {
    socket.write('AMQP\x00\x00\x09\x01');
    const [answer] = await once(socket, 'data');
    return Buffer.isBuffer(answer) && answer[0] === 1;
  } finally {
    socket.destroy();
  }
}

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { startChild } from '../process/child.ts';
import { findProgram } from '../process/find-program.ts';
import { aptInstall } from './apt.ts';
import type { Program, ServerType } from './server.ts';

/** More than test files hold at once; unused databases cost nothing. */
export const redisDatabaseCount = 1024;

export const redis: ServerType = {
  name: 'redis',
  title: 'Redis',
  variable: 'REDIS_URL',
  defaultPorts: { main: 6379 },
  startTimeoutMs: 10_000,

  async find() {
    const path = await findProgram('redis-server');
    return path === undefined ? undefined : createRedisProgram(path);
  },

  async install(report) {
    const path = await aptInstall('redis-server', () => findProgram('redis-server'), report);
    return createRedisProgram(path);
  },

  url: ({ main }) => `redis://127.0.0.1:${main}`,

  isReady: async ({ main }) => (await sendRedisCommand(`redis://127.0.0.1:${main}`, 'PING')) === '+PONG',
};

function createRedisProgram(path: string): Program {
  return {
    label: 'redis-server',
    path,
    async run({ ports, directory, durable }, output) {
      const options = {
        bind: '127.0.0.1',
        port: ports.main,
        dir: directory,
        databases: redisDatabaseCount,
        save: '',
        appendonly: 'yes',
        appendfsync: durable ? 'everysec' : 'no',
      };
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      return startChild(path, args, { output });
    },
  };
}

/**
 * Sends one inline command and returns the first line of the reply in RESP: "+PONG", ":0", "-ERR …".
 * The URL's password and database number are used.
 */
export async function sendRedisCommand(url: string, command: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const login = password
    ? [`AUTH ${[username, password].filter(Boolean).map(decodeURIComponent).join(' ')}`]
    : [];
  const select = pathname.length > 1 ? [`SELECT ${pathname.slice(1)}`] : [];
  const commands = [...login, ...select, command];
  const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 5_000 });
  socket.once('timeout', () => socket.destroy(new Error('Redis did not answer within 5 s.')));
  socket.write([...commands, 'QUIT', ''].join('\r\n'));
  const lines = (await text(socket)).split('\r\n');
  return lines[commands.length - 1] ?? '';
}

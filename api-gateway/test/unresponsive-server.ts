import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Listens and never accepts: once the kernel's queue is full, a connection is neither taken nor refused. */
const LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  });
`;

/** A server that leaves connections unanswered. Linux drops what finds the queue full. */
export async function startUnresponsiveServer(): Promise<{ url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const queued: Socket[] = [];
  for (let taken = true; taken;) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    queued.push(socket);
    taken = await Promise.race([once(socket, 'connect').then(() => true), wait(200, false)]);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of queued) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

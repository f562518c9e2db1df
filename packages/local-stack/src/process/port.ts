import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether nobody listens on the port, on loopback or on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', undefined]) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch {
      return false;
    } finally {
      server.close();
    }
  }
  return true;
}

/** A port that the system picks, outside of those that Plaza's services have by custom. */
export async function anyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  return address.port;
}

/** `wanted` where it is free, else the next free port that is not in `taken`; it is then added to `taken`. */
export async function nextFreePort(wanted: number, taken: Set<number>): Promise<number> {
  let port = wanted;
  while ((port !== wanted && taken.has(port)) || !(await isFree(port))) port += 1;
  taken.add(port);
  return port;
}

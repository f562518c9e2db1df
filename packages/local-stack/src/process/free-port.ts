import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether no process listens on the port, on loopback or on all addresses. */
export async function isPortFree(port: number): Promise<boolean> {
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

/** Below the ports of outgoing connections: 32768 and up on Linux, 49152 and up on macOS. */
const portRange = { from: 20_000, to: 32_000 };
const issuedPorts = new Set<number>();

/** A free port, a different one at each call, since the caller may listen on it later. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portRange.from, portRange.to);
    if (issuedPorts.has(port)) continue;
    issuedPorts.add(port);
    if (await isPortFree(port)) return port;
  }
}

/** `wanted` if it is free, else the next free port that is not in `taken`; adds it to `taken`. */
export async function findNextFreePort(wanted: number, taken: Set<number>): Promise<number> {
  let port = wanted;
  while ((port !== wanted && taken.has(port)) || !(await isPortFree(port))) port += 1;
  taken.add(port);
  return port;
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { local } from '../paths.ts';
import { tryLock } from '../process/lock.ts';
import { serverKinds } from '../servers/kinds.ts';
import { rabbitmq } from '../servers/rabbitmq.ts';
import type { ServerKind } from '../servers/server.ts';
import { discoverServices, oneMore, type Service } from '../services/services.ts';
import { StackError } from '../stack-error.ts';
import { cleanUp, emptyLogs, resetData } from '../stack/data.ts';
import { catchInterrupts } from '../stack/interrupt.ts';
import { choosePorts } from '../stack/ports.ts';
import { killParts, type Parts, say, stopParts } from '../stack/parts.ts';
import { startServerPart } from '../stack/server-part.ts';
import { startServicePart } from '../stack/service-part.ts';
import { watchSources } from '../stack/watch.ts';
import { welcome } from '../stack/welcome.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

const usage = `Usage: npm start [-- option]
  Starts Redis, RabbitMQ, MongoDB and all services, and stops them on Ctrl-C. What is missing is installed first.

  --also    one more instance of a service, of another version: --also users-service@2.0.0; as often as you like
  --watch   starts a service again when its source changes
  --reset   empties the data of this checkout's servers first
  --clean   removes the data, the logs and what was downloaded or built for all checkouts; starts nothing
  --help    says this
`;

export async function start(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const held = await tryLock(join(local, 'start.lock'));
  if (typeof held === 'number') {
    throw new StackError(
      `Plaza is running in this checkout already. Stop it there with Ctrl-C, or with: kill ${held}`,
    );
  }
  try {
    if (options.clean) {
      const removed = await cleanUp();
      process.stdout.write(`Removed ${removed.join(' and ')}.\n`);
      return 0;
    }
    if (options.reset) await resetData();
    return await run(options);
  } finally {
    await held.release();
  }
}

function parseOptions(args: readonly string[]): {
  help: boolean;
  clean: boolean;
  reset: boolean;
  watch: boolean;
  also: string[];
} {
  const off = { type: 'boolean', default: false } as const;
  const also = { type: 'string', multiple: true, default: [] as string[] } as const;
  const options = { help: off, clean: off, reset: off, watch: off, also };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), usage);
  }
}

async function run({ watch, also }: { watch: boolean; also: readonly string[] }): Promise<number> {
  const interrupt = catchInterrupts();
  const known = await discoverServices();
  const services = [...known, ...also.map((label) => oneMore(label, known))];
  await emptyLogs();
  const kinds = Object.values(serverKinds).filter(({ name }) =>
    services.some(({ uses }) => uses.includes(name)),
  );
  const ports = await choosePorts(services, kinds);
  const terminal = createTerminal(
    Math.max(
      ...[...services.map(({ label }) => label), ...kinds.map(({ name }) => name)].map(
        ({ length }) => length,
      ),
    ),
  );
  const parts = { servers: new Map(), services: new Map(), ports, terminal, signal: interrupt.stop };
  try {
    const up = await Promise.race([startAll(parts, kinds, services), aborted(interrupt.stop)]);
    if (up === true) terminal.line(welcome(services, ports));
    if (watch) watchSources(services, (service, file) => restart(parts, service, file));
    await aborted(interrupt.stop);
    terminal.line('Stopping …');
  } finally {
    await Promise.race([stopParts(parts), aborted(interrupt.kill).then(() => killParts(parts))]);
  }
  terminal.line(interrupt.kill.aborted ? 'Killed.' : 'Stopped.');
  return interrupt.kill.aborted ? 130 : 0;
}

/** True when all is ready, false when a service is not. Services cope with a late RabbitMQ, which takes longest. */
async function startAll(
  parts: Parts,
  kinds: readonly ServerKind[],
  services: readonly Service[],
): Promise<boolean> {
  const startServers = (some: readonly ServerKind[]): Promise<unknown> =>
    Promise.all(some.map((kind) => startServerPart(kind, parts)));
  const broker = startServers(kinds.filter((kind) => kind === rabbitmq));
  const others = startServers(kinds.filter((kind) => kind !== rabbitmq));
  const ready = others.then(() => Promise.all(services.map((service) => startServicePart(service, parts))));
  const [all] = await Promise.all([ready, broker]);
  return all.every(Boolean);
}

function restart(parts: Parts, service: Service, file: string): void {
  say(parts, service.label, `starts again: ${file} has changed`);
  parts.services.get(service)?.restart();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }));
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { local } from '../paths.ts';
import { tryLock } from '../process/lock.ts';
import { serverKinds } from '../servers/kinds.ts';
import { discoverServices, type Service } from '../services/services.ts';
import type { ServerUrls } from '../services/environment.ts';
import { StackError } from '../stack-error.ts';
import { cleanUp, resetData } from '../stack/data.ts';
import { catchInterrupts } from '../stack/interrupt.ts';
import { choosePorts, type StackPorts } from '../stack/ports.ts';
import { createStack, type Stack } from '../stack/stack.ts';
import { watchSources } from '../stack/watch.ts';
import { welcome } from '../stack/welcome.ts';
import { createTerminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

const usage = `Usage: npm start [-- option]
  Starts Redis, RabbitMQ, MongoDB and all services, and stops them on Ctrl-C. What is missing is installed first.

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
      await cleanUp();
      return 0;
    }
    if (options.reset) await resetData();
    return await run(options.watch);
  } finally {
    await held.release();
  }
}

function parseOptions(args: readonly string[]): {
  help: boolean;
  clean: boolean;
  reset: boolean;
  watch: boolean;
} {
  const off = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args: [...args], options: { help: off, clean: off, reset: off, watch: off } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), usage);
  }
}

async function run(watch: boolean): Promise<number> {
  const interrupt = catchInterrupts();
  const services = await discoverServices();
  const ports = await choosePorts(services);
  const urls = serverUrls(ports);
  const terminal = createTerminal(Math.max(...services.map(({ name }) => name.length)));
  const stack = createStack({ ports, urls, terminal, signal: interrupt.stop });
  try {
    const up = await Promise.race([startAll(stack, services), aborted(interrupt.stop)]);
    if (up === true) terminal.line(welcome(services, ports, urls));
    if (watch) watchSources(services, (service, file) => stack.restart(service, `${file} has changed`));
    await aborted(interrupt.stop);
    terminal.line('Stopping …');
  } finally {
    await Promise.race([stack.stop(), aborted(interrupt.kill).then(() => stack.kill())]);
  }
  return interrupt.kill.aborted ? 130 : 0;
}

/** True when all is ready, false when a service is not. Services cope with a late RabbitMQ, which takes longest. */
async function startAll(stack: Stack, services: readonly Service[]): Promise<boolean> {
  const { redis, mongodb, rabbitmq } = serverKinds;
  const broker = stack.startServer(rabbitmq);
  const [ready] = await Promise.all([
    Promise.all([stack.startServer(redis), stack.startServer(mongodb)]).then(() =>
      Promise.all(services.map((service) => stack.startService(service))),
    ),
    broker,
  ]);
  return ready.every(Boolean);
}

function serverUrls(ports: StackPorts): ServerUrls {
  const urls = Object.values(serverKinds).map((kind): [string, string] => [
    kind.name,
    process.env[kind.variable] || kind.url(ports.servers.get(kind) ?? kind.customaryPorts),
  ]);
  return Object.fromEntries(urls);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }));
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { localDirectory } from '../paths.ts';
import { tryAcquireLock } from '../process/lock-file.ts';
import { serverTypes } from '../servers/server-types.ts';
import { rabbitmq } from '../servers/rabbitmq.ts';
import type { ServerType } from '../servers/server.ts';
import { discoverServices, createExtraInstance, type WorkspaceService } from '../services/services.ts';
import { StackError } from '../stack-error.ts';
import { removeAllData, clearLogs, resetData } from '../stack/data.ts';
import { handleShutdownSignals } from '../stack/shutdown-signals.ts';
import { assignPorts } from '../stack/port-assignment.ts';
import { killComponents, type StackComponents, printNotice, stopComponents } from '../stack/components.ts';
import { startServerComponent } from '../stack/server-component.ts';
import { startServiceComponent } from '../stack/service-component.ts';
import { watchSources } from '../stack/source-watcher.ts';
import { renderBanner } from '../stack/banner.ts';
import { createTerminalRenderer } from '../terminal.ts';
import { StackUsageError } from '../usage-error.ts';

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
  const held = await tryAcquireLock(join(localDirectory, 'start.lock'));
  if (typeof held === 'number') {
    throw new StackError(
      `Plaza is already running in this checkout. Stop it with Ctrl-C in its terminal, or with: kill ${held}`,
    );
  }
  try {
    if (options.clean) {
      const removed = await removeAllData();
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
    throw new StackUsageError(error instanceof Error ? error.message : String(error), usage);
  }
}

async function run({ watch, also }: { watch: boolean; also: readonly string[] }): Promise<number> {
  const signals = handleShutdownSignals();
  const known = await discoverServices();
  const services = [...known, ...also.map((label) => createExtraInstance(label, known))];
  await clearLogs();
  const types = Object.values(serverTypes).filter(({ name }) =>
    services.some(({ uses }) => uses.includes(name)),
  );
  const ports = await assignPorts(services, types);
  const terminal = createTerminalRenderer(
    Math.max(
      ...[...services.map(({ label }) => label), ...types.map(({ name }) => name)].map(
        ({ length }) => length,
      ),
    ),
  );
  const components = { servers: new Map(), services: new Map(), ports, terminal, signal: signals.stop };
  try {
    const up = await Promise.race([startAll(components, types, services), waitForAbort(signals.stop)]);
    if (up === true) terminal.line(renderBanner(services, ports));
    if (watch) watchSources(services, (service, file) => restart(components, service, file));
    await waitForAbort(signals.stop);
    terminal.line('Stopping …');
  } finally {
    await Promise.race([
      stopComponents(components),
      waitForAbort(signals.kill).then(() => killComponents(components)),
    ]);
  }
  terminal.line(signals.kill.aborted ? 'Killed.' : 'Stopped.');
  return signals.kill.aborted ? 130 : 0;
}

/** True when all services are ready. Services start without RabbitMQ, which takes longest. */
async function startAll(
  components: StackComponents,
  types: readonly ServerType[],
  services: readonly WorkspaceService[],
): Promise<boolean> {
  const startServers = (some: readonly ServerType[]): Promise<unknown> =>
    Promise.all(some.map((type) => startServerComponent(type, components)));
  const broker = startServers(types.filter((type) => type === rabbitmq));
  const others = startServers(types.filter((type) => type !== rabbitmq));
  const ready = others.then(() =>
    Promise.all(services.map((service) => startServiceComponent(service, components))),
  );
  const [all] = await Promise.all([ready, broker]);
  return all.every(Boolean);
}

function restart(components: StackComponents, service: WorkspaceService, file: string): void {
  printNotice(components, service.label, `restarting: ${file} has changed`);
  components.services.get(service)?.restart();
}

async function waitForAbort(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((settle) => signal.addEventListener('abort', settle, { once: true }));
}

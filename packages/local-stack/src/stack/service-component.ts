import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../process/child.ts';
import { supervise } from '../process/supervisor.ts';
import { withDatabase, createServiceEnvironment } from '../services/environment.ts';
import { runService, waitUntilHealthy } from '../services/service-process.ts';
import type { WorkspaceService } from '../services/services.ts';
import { hasColours, red } from '../terminal.ts';
import { logsDirectory } from './data.ts';
import { describePort } from './port-assignment.ts';
import { type StackComponents, printNotice } from './components.ts';

/** Starts a supervised service. Resolves with true when it is ready, with false if it has ended or is late. */
export async function startServiceComponent(
  service: WorkspaceService,
  components: StackComponents,
): Promise<boolean> {
  const { terminal, ports, signal } = components;
  const { label } = service;
  const step = terminal.startStep(label);
  const run = createServiceRunner(service, components);
  const child = await run();
  components.services.set(
    service,
    supervise({ child, run, notify: (sentence) => printNotice(components, label, sentence) }),
  );
  const port = ports.services.get(label) ?? service.port;
  const url = `http://localhost:${port}`;
  try {
    await waitUntilHealthy(service, { url, page: 'ready', child, timeoutMs: 60_000 });
    step.succeed(label === service.name ? describePort(port, service.port) : `port ${port}`);
    return true;
  } catch (error) {
    step.fail(red(signal.aborted || !(error instanceof Error) ? 'stopped' : error.message));
    return false;
  }
}

/** A service's lines go to the terminal and to its log. */
function createServiceRunner(
  service: WorkspaceService,
  { terminal, ports }: StackComponents,
): () => Promise<Child> {
  const colour = hasColours() ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const { mongodb, ...shared } = ports.urls;
  const own = mongodb === undefined ? shared : { ...shared, mongodb: withDatabase(mongodb, service.name) };
  const admin = ports.admins.get(service.label);
  const env = {
    ...createServiceEnvironment(service, own, ports.services),
    ...(admin === undefined ? {} : { ADMIN_PORT: String(admin) }),
    ...colour,
  };
  const print = terminal.createSourcePrinter(service.label);
  const log = createWriteStream(join(logsDirectory, `${service.label}.log`), { flags: 'a' });
  return async () =>
    runService(service, env, (line) => {
      print(line);
      log.write(`${line}\n`);
    });
}

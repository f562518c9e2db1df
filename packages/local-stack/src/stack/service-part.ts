import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../process/child.ts';
import { supervise } from '../process/supervisor.ts';
import { databaseUri, serviceEnvironment } from '../services/environment.ts';
import { runService, untilHealthy } from '../services/service-process.ts';
import type { Service } from '../services/services.ts';
import { hasColours, red } from '../terminal.ts';
import { logs } from './data.ts';
import { describePort } from './ports.ts';
import { type Parts, say } from './parts.ts';

/** Starts a service, from then on supervised. Resolves when it is ready, true, or has ended or is late, false. */
export async function startServicePart(service: Service, parts: Parts): Promise<boolean> {
  const { terminal, ports, signal } = parts;
  const { label } = service;
  const step = terminal.step(label);
  const run = createRun(service, parts);
  const child = await run();
  parts.services.set(service, supervise({ child, run, say: (sentence) => say(parts, label, sentence) }));
  const port = ports.services.get(label) ?? service.port;
  const url = `http://localhost:${port}`;
  try {
    await untilHealthy(service, { url, page: 'ready', child, within: 60_000 });
    step.done(label === service.name ? describePort(port, service.port) : `port ${port}`);
    return true;
  } catch (error) {
    step.failed(red(signal.aborted || !(error instanceof Error) ? 'stopped' : error.message));
    return false;
  }
}

/** A service's lines go to the terminal and to its log. */
function createRun(service: Service, { terminal, ports }: Parts): () => Promise<Child> {
  const colour = hasColours() ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const { mongodb, ...shared } = ports.urls;
  const own = mongodb === undefined ? shared : { ...shared, mongodb: databaseUri(mongodb, service.name) };
  const admin = ports.admins.get(service.label);
  const env = {
    ...serviceEnvironment(service, own, ports.services),
    ...(admin === undefined ? {} : { ADMIN_PORT: String(admin) }),
    ...colour,
  };
  const print = terminal.source(service.label);
  const log = createWriteStream(join(logs, `${service.label}.log`), { flags: 'a' });
  return async () =>
    runService(service, env, (line) => {
      print(line);
      log.write(`${line}\n`);
    });
}

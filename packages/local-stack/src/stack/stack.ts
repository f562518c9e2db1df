import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { local } from '../paths.ts';
import type { Child } from '../process/child.ts';
import { type Supervised, supervise } from '../process/supervisor.ts';
import { findOrInstall, launchServer, type ServerKind } from '../servers/server.ts';
import type { Service } from '../services/services.ts';
import { serviceEnvironment } from '../services/environment.ts';
import { runService, untilHealthy } from '../services/service-process.ts';
import { red, type Terminal, yellow } from '../terminal.ts';
import { logs } from './data.ts';
import type { StackPorts } from './ports.ts';

/** The servers and services of a checkout, running. */
export interface Stack {
  /** Starts a server and resolves when it answers; throws where it cannot be had or does not answer. */
  startServer(kind: ServerKind): Promise<void>;
  /** Starts a service and resolves when it is ready, true, or has ended, false. */
  startService(service: Service): Promise<boolean>;
  restart(service: Service, because: string): void;
  /** Services first, each with up to 10 s, then the servers. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface StackSettings {
  readonly ports: StackPorts;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export function createStack({ ports, terminal, signal }: StackSettings): Stack {
  const servers: Supervised[] = [];
  const services = new Map<string, Supervised>();
  mkdirSync(logs, { recursive: true });

  const saying =
    (name: string) =>
    (sentence: string): void => {
      if (!signal.aborted) terminal.line(yellow(`! ${name} ${sentence}`));
    };

  async function startServer(kind: ServerKind): Promise<void> {
    const step = terminal.step(kind.title);
    try {
      const own = ports.servers.get(kind);
      if (own === undefined) return step.done(`${kind.variable} of the environment`);
      const program = await findOrInstall(kind, step.doing);
      signal.throwIfAborted();
      const settings = {
        ports: own,
        directory: join(local, kind.name),
        log: join(logs, `${kind.name}.log`),
        durable: true,
      };
      const { child, ready } = await launchServer(kind, program, settings, step.doing);
      const say = saying(kind.title);
      const run = async (): Promise<Child> => {
        const again = await launchServer(kind, program, settings);
        again.ready.then(
          () => say('answers again'),
          () => {},
        );
        return again.child;
      };
      servers.push(supervise({ child, run, say }));
      await ready;
      step.done(`${program.label}, port ${settings.ports.main}`);
    } catch (error) {
      step.failed(signal.aborted ? 'stopped' : 'failed');
      throw error;
    }
  }

  async function startService(service: Service): Promise<boolean> {
    const { name } = service;
    const url = `http://localhost:${ports.services.get(name)}`;
    const step = terminal.step(name);
    const colour =
      process.stdout.isTTY && process.stdout.hasColors() ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
    const env = { ...serviceEnvironment(service, ports.urls, ports.services), ...colour };
    const print = terminal.source(name);
    const log = createWriteStream(join(logs, `${name}.log`));
    const run = async (): Promise<Child> =>
      runService(service, env, (line) => {
        print(line);
        log.write(`${line}\n`);
      });
    const child = await run();
    services.set(name, supervise({ child, run, say: saying(name) }));
    try {
      await untilHealthy(service, { url, page: 'ready', child, within: 60_000 });
      step.done(url);
      return true;
    } catch (error) {
      step.failed(red(signal.aborted || !(error instanceof Error) ? 'stopped' : error.message));
      return false;
    }
  }

  const all = (): Supervised[] => [...services.values(), ...servers];
  return {
    startServer,
    startService,
    restart(service, because) {
      saying(service.name)(`starts again: ${because}`);
      services.get(service.name)?.restart();
    },
    async stop() {
      await Promise.all([...services.values()].map((service) => service.stop(10)));
      await Promise.all(servers.map((server) => server.stop()));
    },
    async kill() {
      await Promise.all(all().map((part) => part.kill()));
    },
  };
}

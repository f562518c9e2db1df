import { join } from 'node:path';
import { local } from '../paths.ts';
import type { Child } from '../process/child.ts';
import { supervise } from '../process/supervisor.ts';
import { findOrInstall, launchServer, type ServerKind } from '../servers/server.ts';
import { logs } from './data.ts';
import { describePort } from './ports.ts';
import { type Parts, say } from './parts.ts';

/** Starts a server, from then on supervised, and resolves when it answers. Throws where it cannot be had or does not. */
export async function startServerPart(kind: ServerKind, parts: Parts): Promise<void> {
  const step = parts.terminal.step(kind.title);
  const ports = parts.ports.servers.get(kind);
  if (ports === undefined) return step.done(`${kind.variable} of the environment`);
  try {
    const program = await findOrInstall(kind, step.doing);
    parts.signal.throwIfAborted();
    const log = join(logs, `${kind.name}.log`);
    const settings = { ports, directory: join(local, kind.name), log, durable: true };
    const { child, ready } = await launchServer(kind, program, settings, step.doing);
    const run = async (): Promise<Child> => {
      const again = await launchServer(kind, program, settings);
      again.ready.then(
        () => say(parts, kind.title, 'answers again'),
        () => {}, // it is started once more, which is said
      );
      return again.child;
    };
    parts.servers.set(kind, supervise({ child, run, say: (sentence) => say(parts, kind.title, sentence) }));
    await ready;
    step.done(`${program.label}, ${describePort(ports.main, kind.customaryPorts.main)}`);
  } catch (error) {
    step.failed(parts.signal.aborted ? 'stopped' : 'failed');
    throw error;
  }
}

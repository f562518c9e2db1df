import { join } from 'node:path';
import { localDirectory } from '../paths.ts';
import type { Child } from '../process/child.ts';
import { supervise } from '../process/supervisor.ts';
import { findOrInstall, launchServer, type ServerType } from '../servers/server.ts';
import { logsDirectory } from './data.ts';
import { describePort } from './port-assignment.ts';
import { type StackComponents, printNotice } from './components.ts';

/** Starts a supervised server; resolves when it answers. Throws if it cannot be installed or does not answer. */
export async function startServerComponent(type: ServerType, components: StackComponents): Promise<void> {
  const step = components.terminal.startStep(type.title);
  const ports = components.ports.servers.get(type);
  if (ports === undefined) return step.succeed(`${type.variable} of the environment`);
  try {
    const program = await findOrInstall(type, step.update);
    components.signal.throwIfAborted();
    const log = join(logsDirectory, `${type.name}.log`);
    const settings = { ports, directory: join(localDirectory, type.name), log, durable: true };
    const { child, ready } = await launchServer(type, program, settings, step.update);
    const run = async (): Promise<Child> => {
      const again = await launchServer(type, program, settings);
      again.ready.then(
        () => printNotice(components, type.title, 'answers again'),
        () => {}, // the supervisor restarts it and prints that
      );
      return again.child;
    };
    components.servers.set(
      type,
      supervise({ child, run, notify: (sentence) => printNotice(components, type.title, sentence) }),
    );
    await ready;
    step.succeed(`${program.label}, ${describePort(ports.main, type.defaultPorts.main)}`);
  } catch (error) {
    step.fail(components.signal.aborted ? 'stopped' : 'failed');
    throw error;
  }
}

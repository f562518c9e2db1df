import { type TestServerManager, startTestServerManager } from './test-server-manager.ts';

let manager: TestServerManager | undefined;

/** Starts the run's test server manager, once: in jest's watch mode it stays from run to run. */
export async function startTestRun(): Promise<void> {
  manager ??= await startTestServerManager();
}

/** Ends what the manager has started. */
export async function stopTestRun(): Promise<void> {
  await manager?.close();
  manager = undefined;
}

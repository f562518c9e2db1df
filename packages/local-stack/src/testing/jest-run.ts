import { type TestServerManager, startTestServerManager } from './test-server-manager.ts';

let manager: TestServerManager | undefined;

/** Starts the test server manager once; in jest's watch mode it serves all runs. */
export async function startTestRun(): Promise<void> {
  manager ??= await startTestServerManager();
}

/** Ends the manager and its servers. */
export async function stopTestRun(): Promise<void> {
  await manager?.close();
  manager = undefined;
}

import { rm } from 'node:fs/promises';
import { findOrInstall, type ServerType, type ServerSettings, startServer } from '../servers/server.ts';
import type { Child } from '../process/child.ts';
import type { WorkspaceService } from '../services/services.ts';
import { runService, waitUntilHealthy } from '../services/service-process.ts';
import { StackError } from '../stack-error.ts';

/** A process that a test can start, stop and kill. */
export interface ManagedProcess {
  /** With `empty`, without its earlier data. Does nothing while the process runs. */
  start(empty: boolean): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Its output since its first start, if that is recorded. */
  logs(): readonly string[];
}

/** A server for one test, always on the same port. */
export function createManagedServer(type: ServerType, settings: ServerSettings): ManagedProcess {
  return createManagedProcess(async (empty) => {
    if (empty) await rm(settings.directory, { recursive: true, force: true });
    return startServer(type, await findOrInstall(type), settings);
  }, []);
}

export interface ManagedServiceOptions {
  readonly url: string;
  readonly env: Record<string, string>;
  readonly until: 'ready' | 'live';
}

/** A service for tests, always on the same port. */
export function createManagedService(
  service: WorkspaceService,
  { url, env, until }: ManagedServiceOptions,
): ManagedProcess {
  const lines: string[] = [];
  return createManagedProcess(async () => {
    const child = runService(service, env, (line) => lines.push(line));
    try {
      await waitUntilHealthy(service, { url, page: until, child, timeoutMs: 20_000 });
      return child;
    } catch (error) {
      await child.kill();
      throw new StackError(
        `${error instanceof Error ? error.message : String(error)}\n${lines.slice(-20).join('\n')}`,
      );
    }
  }, lines);
}

function createManagedProcess(
  run: (empty: boolean) => Promise<Child>,
  lines: readonly string[],
): ManagedProcess {
  let child: Child | undefined;

  async function start(empty: boolean): Promise<void> {
    if (child !== undefined) return;
    const started = await run(empty);
    child = started;
    void forget(started);
  }

  async function forget(ended: Child): Promise<void> {
    await ended.exit;
    if (child === ended) child = undefined;
  }

  return {
    start,
    async stop() {
      await child?.stop();
    },
    async kill() {
      await child?.kill();
    },
    logs: () => lines,
  };
}

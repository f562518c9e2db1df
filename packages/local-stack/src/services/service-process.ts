import { type Child, startChild } from '../process/child.ts';
import { type Milliseconds, waitUntil } from '../process/wait-until.ts';
import { StackError } from '../stack-error.ts';
import type { WorkspaceService } from './services.ts';

/** Runs a service's main.ts from its source, with this process's environment and `env`. */
export function runService(
  service: WorkspaceService,
  env: Record<string, string>,
  output: (line: string) => void,
): Child {
  return startChild(process.execPath, ['--conditions=source', 'src/main.ts'], {
    cwd: service.directory,
    env: { ...process.env, ...env },
    output,
  });
}

/** Waits for a health endpoint of a service. Throws a StackError if the service ends or the time is over. */
export async function waitUntilHealthy(
  service: WorkspaceService,
  {
    url,
    page,
    child,
    timeoutMs,
  }: { url: string; page: 'ready' | 'live'; child: Child; timeoutMs: Milliseconds },
): Promise<void> {
  const failed = child.exit.then(({ code, signal }) => {
    throw new StackError(`${service.name} ended during its start (${signal ?? `exit ${code}`}).`);
  });
  await waitUntil(service.name, () => isHealthy(url, page), { timeoutMs, intervalMs: 100, abortOn: failed });
}

export async function isHealthy(url: string, page: 'ready' | 'live' = 'ready'): Promise<boolean> {
  const response = await fetch(`${url}/health/${page}`, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}

import { existsSync, watch } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import type { WorkspaceService } from '../services/services.ts';

/** An editor saves a file in several steps, and git checkout changes many files: one restart for all. */
const debounceMs = 100; // ms

/** Calls `changed` with a changed file, for each service that uses it directly or through a package. */
export function watchSources(
  services: readonly WorkspaceService[],
  changed: (service: WorkspaceService, file: string) => void,
): void {
  const timers = new Map<WorkspaceService, NodeJS.Timeout>();
  for (const folder of new Set(services.flatMap(({ sources }) => sources))) {
    if (!existsSync(folder)) continue;
    const users = services.filter(({ sources }) => sources.includes(folder));
    watch(folder, { recursive: true }, (_event, name) => {
      if (name === null || extname(name) === '') return;
      const file = relative(repositoryRoot, join(folder, name));
      for (const service of users) {
        clearTimeout(timers.get(service));
        timers.set(
          service,
          setTimeout(() => changed(service, file), debounceMs),
        );
      }
    });
  }
}

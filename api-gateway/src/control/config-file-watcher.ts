import { unwatchFile, watchFile } from 'node:fs';
import type { Component, HealthCheck } from '@plaza/service-kit';
import type { ConfigManager } from './config-manager.ts';

/** Reloads the file when it changes, from the start on. @param intervalMs 0 for never. */
export function createConfigFileWatcher(
  configManager: ConfigManager,
  path: string,
  intervalMs: number,
): Component {
  let stop: () => void = () => undefined;
  return {
    name: 'configuration file',
    start: async () => {
      if (intervalMs === 0) return;
      stop = pollFile(path, intervalMs, () => void configManager.reload());
      // It may have changed since it was read.
      await configManager.reload();
    },
    close: async () => stop(),
  };
}

/**
 * Calls after each change of a file, also where an editor puts another in its place or the file comes from
 * another machine: it looks, since neither tells of changes.
 * @returns what ends that.
 */
function pollFile(path: string, intervalMs: number, onChange: () => void): () => void {
  const listener = (current: { mtimeMs: number; ino: number; size: number }, previous: typeof current) => {
    // While it is being replaced there is none.
    if (current.ino === 0) return;
    if (
      current.mtimeMs !== previous.mtimeMs ||
      current.ino !== previous.ino ||
      current.size !== previous.size
    )
      onChange();
  };
  watchFile(path, { interval: intervalMs, persistent: false }, listener);
  return () => unwatchFile(path, listener);
}

/** A file that was refused hurts nobody yet: it will when this process starts anew. */
export function createConfigHealthCheck(configManager: ConfigManager): HealthCheck {
  return {
    name: 'configuration',
    group: 'system',
    required: false,
    check: async () => {
      const rejected = configManager.lastRejected();
      if (rejected !== undefined)
        throw new Error(`the last good configuration holds: ${rejected.mistakes.join('; ')}`);
      return {
        source: configManager.source(),
        hash: configManager.current().hash,
        loadedAt: configManager.loadedAt().toISOString(),
      };
    },
  };
}

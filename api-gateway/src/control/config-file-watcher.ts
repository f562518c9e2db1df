import { unwatchFile, watchFile } from 'node:fs';
import type { Component, HealthCheck } from '@plaza/service-kit';
import type { ConfigManager } from './config-manager.ts';

/**
 * Reloads the configuration when the file changes.
 * @param intervalMs 0 for never.
 */
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
      // The file may have changed since it was read.
      await configManager.reload();
    },
    close: async () => stop(),
  };
}

/**
 * Calls `onChange` after each change of a file. It polls, since fs events miss files that an editor replaces or
 * that are on a network file system.
 * @returns a function that stops it.
 */
function pollFile(path: string, intervalMs: number, onChange: () => void): () => void {
  const listener = (current: { mtimeMs: number; ino: number; size: number }, previous: typeof current) => {
    // No file exists while it is being replaced.
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

/** Degraded after a refused file: the gateway works, but could not restart with it. */
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

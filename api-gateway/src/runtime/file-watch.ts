import type { Component, HealthCheck } from '@plaza/service-kit';
import type { Keeper } from './keeper.ts';
import { watchForChanges } from './watch-file.ts';

/** Reloads the file when it changes, from the start on. @param everyMs 0 for never. */
export function fileWatch(keeper: Keeper, path: string, everyMs: number): Component {
  let end: () => void = () => undefined;
  return {
    name: 'configuration file',
    start: async () => {
      if (everyMs === 0) return;
      end = watchForChanges(path, everyMs, () => void keeper.reload());
      // It may have changed since it was read.
      await keeper.reload();
    },
    close: async () => end(),
  };
}

/** A file that was refused hurts nobody yet: it will when this process starts anew. */
export function configurationCheck(keeper: Keeper): HealthCheck {
  return {
    name: 'configuration',
    group: 'system',
    required: false,
    check: async () => {
      const rejected = keeper.rejected();
      if (rejected !== undefined)
        throw new Error(`the last good configuration holds: ${rejected.mistakes.join('; ')}`);
      return { source: keeper.source(), hash: keeper.read().hash, loadedAt: keeper.loadedAt().toISOString() };
    },
  };
}

import { unwatchFile, watchFile } from 'node:fs';

/**
 * Calls after each change of a file, also where an editor puts another in its place or the file comes from
 * another machine: it looks, since neither tells of changes.
 * @returns what ends that.
 */
export function watchForChanges(path: string, everyMs: number, changed: () => void): () => void {
  const listener = (now: { mtimeMs: number; ino: number; size: number }, before: typeof now) => {
    // While it is being replaced there is none.
    if (now.ino === 0) return;
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) changed();
  };
  watchFile(path, { interval: everyMs, persistent: false }, listener);
  return () => unwatchFile(path, listener);
}

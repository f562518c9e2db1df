import { findBrowser, installBrowser, runBrowser } from '../browser/chromium.ts';

/** The URL by which the run's browser is driven; starts it at the first call, and again where it has ended. */
export function createSharedBrowser(
  directory: string,
  kill: (stop: () => Promise<unknown>) => void,
): () => Promise<string> {
  let starting: Promise<string> | undefined;
  let starts = 0;

  async function start(): Promise<string> {
    const path = (await findBrowser()) ?? (await installBrowser(() => undefined));
    const { url, child } = await runBrowser(path, `${directory}-${(starts += 1)}`);
    kill(() => child.kill());
    void child.exit.then(() => (starting = undefined));
    return url;
  }

  return () => {
    starting ??= start();
    starting.catch(() => (starting = undefined));
    return starting;
  };
}

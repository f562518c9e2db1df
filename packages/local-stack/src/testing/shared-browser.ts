import { findBrowser, installBrowser, startBrowserProcess } from '../browser/chromium.ts';

/** The URL by which the run's browser is driven; starts it at the first call, and again where it has ended. */
export function createSharedBrowser(kill: (stop: () => Promise<unknown>) => void): () => Promise<string> {
  let starting: Promise<string> | undefined;

  async function start(): Promise<string> {
    const path = (await findBrowser()) ?? (await installBrowser(() => undefined));
    const browser = await startBrowserProcess(path);
    kill(browser.kill);
    void browser.exit.then(() => (starting = undefined));
    return browser.url;
  }

  return () => {
    starting ??= start();
    starting.catch(() => (starting = undefined));
    return starting;
  };
}

import { findBrowser, installBrowser, startBrowserProcess } from '../browser/chromium.ts';

/** The DevTools URL of the run's browser; starts the browser at the first call, and again if it has ended. */
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

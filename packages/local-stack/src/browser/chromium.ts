import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../process/child.ts';
import { findProgram } from '../process/find-program.ts';
import { readLastLines } from '../process/log-file.ts';
import { findFreePort } from '../process/free-port.ts';
import { waitUntil } from '../process/wait-until.ts';
import { aptInstall } from '../servers/apt.ts';
import type { ReportProgress } from '../servers/server.ts';
import { StackError } from '../stack-error.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Google Chrome'];
const ON_MACS = '/Applications/Google Chrome.app/Contents/MacOS';

/** The path of a Chromium: CHROMIUM_BIN, else an installed one. */
export async function findBrowser(): Promise<string | undefined> {
  const given = process.env['CHROMIUM_BIN'];
  if (given) return given;
  for (const name of NAMES) {
    const path = await findProgram(name, ON_MACS);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Installs a Chromium. If that is impossible, throws a StackError that says what to install. */
export function installBrowser(report: ReportProgress): Promise<string> {
  return aptInstall('chromium', findBrowser, report);
}

/** A headless browser, controlled over the DevTools protocol. */
export interface RunningBrowser {
  /** The URL of the DevTools protocol. */
  readonly url: string;
  /** Settles when the browser has ended. */
  readonly exit: Promise<unknown>;
  /** Ends the browser and removes its files. */
  kill(): Promise<void>;
}

/** Without background requests: the browser calls only the pages under test. */
const FLAGS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--force-color-profile=srgb',
];

/** Starts a browser with an empty profile; resolves when it accepts connections. */
export async function startBrowserProcess(path: string): Promise<RunningBrowser> {
  // Outside of the checkout: its path may exceed the maximum length of a socket's path.
  const directory = await mkdtemp(join(tmpdir(), 'plaza-browser-'));
  const log = join(directory, 'output.log');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startChromium(path, directory, log, port);
  const kill = async () => {
    await child.kill();
    await rm(directory, { recursive: true, force: true });
  };
  const failed = child.exit.then(async () => {
    throw new StackError(`${path} ended during its start:\n${await readLastLines(log)}`);
  });
  const isReady = async () => (await fetch(`${url}/json/version`)).ok;
  await waitUntil('Chromium', isReady, { timeoutMs: 20_000, abortOn: failed }).catch(
    async (error: unknown) => {
      await kill();
      throw error;
    },
  );
  return { url, exit: child.exit, kill };
}

async function startChromium(path: string, directory: string, log: string, port: number): Promise<Child> {
  const output = await open(log, 'a');
  // Chromium's sandbox does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const own = [`--user-data-dir=${join(directory, 'profile')}`, `--remote-debugging-port=${port}`];
  try {
    return startChild(path, [...FLAGS, ...asRoot, ...own, 'about:blank'], {
      env: { ...process.env, TMPDIR: directory },
      output: output.fd,
    });
  } finally {
    await output.close();
  }
}

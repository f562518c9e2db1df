#!/usr/bin/env node
// Starts Plaza's command line from a new clone: plain JavaScript for any Node from 18 on. It installs missing or
// outdated dependencies, and runs the TypeScript on the Node 24 in them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const checkout = resolve(here, '../../..');

try {
  await installDependencies(checkout);
  handOver(findNode(), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** The path of a Node 24 or newer: the one in the dependencies (Linux), else the one that runs this. */
function findNode() {
  const brought = join(checkout, 'node_modules/.bin/node');
  for (const path of [brought, process.execPath]) {
    if (path === brought && !existsSync(path)) continue;
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1]) >= 24) return path;
  }
  throw new Error(
    `Plaza needs Node 24 or newer; this is ${process.version}, and npm has none for this system. ` +
      `Install it (${process.platform === 'darwin' ? 'brew install node@24, or ' : ''}nvm install 24) and try again.`,
  );
}

function handOver(node, args) {
  // The deprecation is one of http-proxy's, in Pact's verifier.
  const quiet = ['ExperimentalWarning', 'DEP0060'].map((warning) => `--disable-warning=${warning}`);
  const flags = ['--conditions=source', '--experimental-vm-modules', ...quiet];
  // The command line detects by the channel that this process has ended, also by a kill.
  const child = spawn(node, [...flags, join(here, '../src/cli.ts'), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: [join(checkout, 'node_modules/.bin'), process.env.PATH].join(delimiter) },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  child.once('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}

/** npm passes SIGTERM on to its shell only: after its end this process has another parent. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 500);
  timer.unref();
}

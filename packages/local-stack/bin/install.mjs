import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Runs `npm ci` unless node_modules matches package-lock.json. One process at a time installs. */
export async function installDependencies(checkout) {
  if (isInstalled(checkout)) return;
  const release = await takeLock(join(checkout, '.local'));
  try {
    if (!isInstalled(checkout)) await npmCi(checkout);
  } finally {
    release();
  }
}

/**
 * Whether node_modules matches package-lock.json: either `npm ci` was run for this very file, or npm's record
 * of an installation, also of `npm install`, has the same packages.
 */
function isInstalled(checkout) {
  const record = join(checkout, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const stamp = stampPath(checkout);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(checkout)) return true;
  const installed = readPackages(record);
  const wanted = Object.entries(readPackages(join(checkout, 'package-lock.json')));
  return wanted.every(([path, { version, link, optional }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    return found ? found.version === version && found.link === link : optional === true;
  });
}

function stampPath(checkout) {
  return join(checkout, 'node_modules/.installed-for');
}

function lockHash(checkout) {
  return createHash('sha256')
    .update(readFileSync(join(checkout, 'package-lock.json')))
    .digest('hex');
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

async function npmCi(checkout) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  const { stderr } = process;
  const tick = () => stderr.isTTY && stderr.write(`\r  Installing dependencies … ${seconds()} `);
  const timer = setInterval(tick, 1000);
  if (!stderr.isTTY) stderr.write('  Installing dependencies …\n');
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], checkout);
  clearInterval(timer);
  if (stderr.isTTY) stderr.write('\r\x1b[K');
  if (code !== 0)
    throw new Error(`The dependencies could not be installed. Output of npm ci:\n${output.trimEnd()}`);
  writeFileSync(stampPath(checkout), lockHash(checkout));
  stderr.write(`  Installed the dependencies in ${seconds()}\n`);
}

function run(command, args, checkout) {
  // npm removes the Node in node_modules first, so it must not run on that one.
  const PATH = process.env.PATH.split(delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(delimiter);
  return new Promise((settle) => {
    let output = '';
    const child = spawn(command, args, { cwd: checkout, env: { ...process.env, PATH } });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => settle({ code: 127, output: error.message }));
    child.once('close', (code) => settle({ code, output }));
  });
}

async function takeLock(directory) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'install.lock');
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch {
      if (!holderLives(path)) rmSync(path, { force: true });
      await pause(200);
    }
  }
}

function holderLives(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

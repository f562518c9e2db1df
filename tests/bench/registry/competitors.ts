import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from '../process/measured-process.ts';
import type { RegistryUnderTest } from './registry-under-test.ts';
import { getResidentMegabytes } from './memory.ts';

const READY_MS = 60_000;

/** A single durable Consul server: CONSUL_BIN, else `consul` on PATH. undefined where neither is. */
export async function startConsul(): Promise<RegistryUnderTest | undefined> {
  const binary = process.env['CONSUL_BIN'] ?? findOnPath('consul');
  if (binary === undefined) return undefined;
  const [http, server, lan, wan] = await Promise.all([
    findFreePort(),
    findFreePort(),
    findFreePort(),
    findFreePort(),
  ]);
  const data = mkdtempSync(join(tmpdir(), 'plaza-consul-'));
  const ports = `http = ${http} server = ${server} serf_lan = ${lan} serf_wan = ${wan} grpc = -1 grpc_tls = -1 dns = -1`;
  const url = `http://127.0.0.1:${http}`;
  const registry = await startCompetitor({
    title: 'Consul',
    protocol: 'consul',
    command: binary,
    args: [
      'agent',
      '-server',
      '-bootstrap-expect=1',
      `-data-dir=${data}`,
      '-bind=127.0.0.1',
      '-client=127.0.0.1',
      '-log-level=error',
      `-hcl=ports { ${ports} }`,
    ],
    url,
    ready: async () => (await (await fetch(`${url}/v1/status/leader`)).text()).length > 2,
  });
  return {
    ...registry,
    stop: async () => {
      await registry.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Spring Cloud Netflix's server, of which EUREKA_JAR is a runnable jar. */
export async function startEureka(): Promise<RegistryUnderTest | undefined> {
  const jar = process.env['EUREKA_JAR'];
  if (jar === undefined) return undefined;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  return startCompetitor({
    title: 'Eureka',
    protocol: 'eureka',
    command: 'java',
    args: ['-Xmx512m', '-jar', jar, `--server.port=${port}`],
    url,
    ready: async () => (await fetch(`${url}/eureka/apps`)).ok,
  });
}

interface CompetitorOptions extends Pick<RegistryUnderTest, 'title' | 'protocol' | 'url'> {
  readonly command: string;
  readonly args: readonly string[];
  readonly ready: () => Promise<boolean>;
}

async function startCompetitor({
  command,
  args,
  ready,
  ...about
}: CompetitorOptions): Promise<RegistryUnderTest> {
  const child = spawn(command, args, { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started.`);
  for (const deadline = Date.now() + READY_MS; !(await ready().catch(() => false));) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${command} does not start.`);
    await wait(200);
  }
  return {
    ...about,
    headers: {},
    memory: async () => ({ own: getResidentMegabytes(pid), store: 0 }),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function findOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

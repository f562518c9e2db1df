/**
 * npm run bench -- registry [--rounds N] [--profile courses|consul|eureka]
 *
 * Requests a second of a registry with 100 and with 1,000 instances of a service, over 16 connections: registrations
 * (each a change), renewals, and lists of the service; how long a change takes to reach 50 watchers; memory. Ours runs
 * once for each of its protocols, each with a Redis of its own, beside Consul (CONSUL_BIN, or on PATH) and Eureka
 * (EUREKA_JAR) where these are installed. Loopback only. All are up at once and take turns, so that other load of the
 * machine falls on all of them.
 */
import { parseArgs } from 'node:util';
import { startTestServerManager } from '@plaza/local-stack';
import { startLoadGenerator, type LoadRequest } from './load/load-generator.ts';
import { profileCpu } from './process/profile.ts';
import { createProgress, type Progress } from './progress.ts';
import type { RegistryUnderTest } from './registry/registry-under-test.ts';
import { startPlazaRegistry } from './registry/plaza.ts';
import { startConsul, startEureka } from './registry/competitors.ts';
import { PROTOCOLS, type RegistryProtocol } from './registry/protocols.ts';
import {
  OPERATIONS,
  renderTable,
  renderWatchLatency,
  type RegistryOperation,
  type RegistryBenchResult,
} from './registry/report.ts';
import { measureWatchLatency } from './registry/watch-latency.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});

const ROUNDS = Number(options.rounds);
const COUNTS = [100, 1_000];
const CONNECTIONS = 16;
const TURN_MS = 1_500;
/** In a turn. */
const CHANGES = 10;
/** For the progress: about how long a change takes, with the wait before it. */
const CHANGE_MS = 150;
const SERVICE = 'bench';

const print = (text: string) => void process.stdout.write(`${text}\n`);

const manager = await startTestServerManager();
const [consul, eureka] = await Promise.all([startConsul(), startEureka()]);
const ours = await Promise.all((['courses', 'consul', 'eureka'] as const).map(startPlazaRegistry));
const registries = [...ours, consul, eureka].filter((one) => one !== undefined);
const load = await startLoadGenerator();

let changes = 0;

/** The requests of one turn: each instance in turn. */
function requestsOf(protocol: RegistryProtocol, operation: RegistryOperation, count: number): LoadRequest[] {
  if (operation === 'list') return [protocol.list(SERVICE)];
  const numbers = Array.from({ length: count }, (_, number) => number);
  if (operation === 'renew') return numbers.map((number) => protocol.renew(SERVICE, number));
  // Two versions of each instance, so that no registration equals the one before it.
  return [(changes += 1), (changes += 1)].flatMap((round) =>
    numbers.map((number) => protocol.register(SERVICE, number, round)),
  );
}

async function send(
  registry: RegistryUnderTest,
  requests: readonly LoadRequest[],
  milliseconds?: number,
): Promise<number> {
  const { requests: done, seconds } = await load.run({
    url: registry.url,
    requests: requests.map((request) => ({
      ...request,
      headers: { ...registry.headers, ...request.headers },
    })),
    connections: CONNECTIONS,
    ...(milliseconds === undefined ? {} : { milliseconds }),
  });
  return done / seconds;
}

async function measure(count: number, progress: Progress): Promise<RegistryBenchResult[]> {
  const figures = registries.map((registry) => ({ registry, ...createFigures() }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const operation of OPERATIONS) {
      for (const { registry, [operation]: all } of figures) {
        const requests = requestsOf(PROTOCOLS[registry.protocol], operation, count);
        if (round === 0 && operation === 'register') await send(registry, requests.slice(0, count));
        const activity = `${operation} with ${count} instances, ${describeRound(round)}: ${registry.title}`;
        const perSecond = await progress.track(activity, TURN_MS, () => send(registry, requests, TURN_MS));
        // The first round is the warm-up.
        if (round > 0) all.push(perSecond);
      }
    }
  }
  return Promise.all(
    figures.map(async ({ registry, register, renew, list }) => ({
      registry,
      perSecond: { register: median(register), renew: median(renew), list: median(list) },
      memory: await registry.memory(),
    })),
  );
}

const describeRound = (round: number) => (round === 0 ? 'warming up' : `round ${round} of ${ROUNDS}`);

function createFigures(): Record<RegistryOperation, number[]> {
  return { register: [], renew: [], list: [] };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(): Promise<void> {
  if (consul === undefined) print('Without Consul: CONSUL_BIN is not set, and PATH has no consul.');
  if (eureka === undefined) print('Without Eureka: EUREKA_JAR is not set.');
  print(`Medians of ${ROUNDS} turns of ${TURN_MS} ms each, ${CONNECTIONS} connections.\n`);
  const watched = [ours[1], consul].filter((one) => one !== undefined);
  const roundMs =
    COUNTS.length * OPERATIONS.length * registries.length * TURN_MS + watched.length * CHANGES * CHANGE_MS;
  const progress = createProgress((ROUNDS + 1) * roundMs);
  for (const count of COUNTS)
    progress.print(renderTable(`${count} instances of one service`, await measure(count, progress)));
  const took = watched.map(({ title }): [string, number[][]] => [title, []]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [at, registry] of watched.entries()) {
      const activity = `changes for watchers, ${describeRound(round)}: ${registry.title}`;
      const changes = await progress.track(activity, CHANGES * CHANGE_MS, () =>
        measureWatchLatency(registry, CHANGES),
      );
      if (round > 0) took[at]?.[1].push(...changes);
    }
  }
  progress.print(renderWatchLatency(took));
}

/** Where the CPU time of each operation goes, with 100 instances. */
async function profile(name: string): Promise<void> {
  const registry = ours.find(({ protocol }) => protocol === name);
  if (registry?.child === undefined) throw new Error('--profile takes courses, consul or eureka.');
  const { child, protocol } = registry;
  await send(registry, requestsOf(PROTOCOLS[protocol], 'register', 100));
  for (const operation of OPERATIONS) {
    const requests = requestsOf(PROTOCOLS[protocol], operation, 100);
    const where = await profileCpu(child, () => send(registry, requests, 3_000));
    const before = await child.usage();
    const perSecond = await send(registry, requests, 3_000);
    const cpu = ((await child.usage()).cpuMicros - before.cpuMicros) / (perSecond * 3);
    print(`${operation}: ${perSecond.toFixed(0)} a second, ${cpu.toFixed(0)} µs of CPU each\n${where}`);
  }
}

try {
  if (options.profile === undefined) await compare();
  else await profile(options.profile);
} finally {
  load.stop();
  await Promise.all(registries.map((registry) => registry.stop()));
  await manager.close();
}

/**
 * npm run bench -- registry [--rounds N] [--profile courses|consul|eureka]
 *
 * What a registry does in a second, with 100 and with 1,000 instances of a service, over 16 connections:
 * registrations (each a change), renewals, and lists of the service; how long a change takes to reach 50 watchers; its
 * memory. Ours by each of its protocols, each with a registry and a Redis of its own, beside Consul (CONSUL_BIN,
 * or on PATH) and Eureka (EUREKA_JAR) where they are at hand. Loopback only; all are up at once and take turns,
 * so that what else the machine does falls on all.
 */
import { parseArgs } from 'node:util';
import { startKeeper } from '@plaza/local-stack';
import { startLoad, type Request } from './load/load.ts';
import { profiled } from './process/profile.ts';
import type { Contender } from './registry/contender.ts';
import { startOurs } from './registry/ours.ts';
import { startConsul, startEureka } from './registry/peers.ts';
import { PROTOCOLS, type Protocol } from './registry/protocols.ts';
import { OPERATIONS, table, watchers, type Operation, type Result } from './registry/report.ts';
import { watch } from './registry/watching.ts';

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
const SERVICE = 'bench';

const print = (text: string) => void process.stdout.write(`${text}\n`);

const keeper = await startKeeper();
const [consul, eureka] = await Promise.all([startConsul(), startEureka()]);
const ours = await Promise.all((['courses', 'consul', 'eureka'] as const).map(startOurs));
const contenders = [...ours, consul, eureka].filter((one) => one !== undefined);
const load = await startLoad();

let changes = 0;

/** What a turn of an operation sends: each instance in turn. */
function requestsOf(protocol: Protocol, operation: Operation, count: number): Request[] {
  if (operation === 'list') return [protocol.list(SERVICE)];
  const numbers = Array.from({ length: count }, (_, number) => number);
  if (operation === 'renew') return numbers.map((number) => protocol.renew(SERVICE, number));
  // Twice around, so that no registration repeats what the one before it said.
  return [(changes += 1), (changes += 1)].flatMap((round) =>
    numbers.map((number) => protocol.register(SERVICE, number, round)),
  );
}

async function send(
  contender: Contender,
  requests: readonly Request[],
  milliseconds?: number,
): Promise<number> {
  const { requests: done, seconds } = await load.drive({
    url: contender.url,
    requests: requests.map((request) => ({
      ...request,
      headers: { ...contender.headers, ...request.headers },
    })),
    connections: CONNECTIONS,
    ...(milliseconds === undefined ? {} : { milliseconds }),
  });
  return done / seconds;
}

async function measure(count: number): Promise<Result[]> {
  const figures = contenders.map((contender) => ({ contender, ...noFigures() }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const operation of OPERATIONS) {
      for (const { contender, [operation]: all } of figures) {
        const requests = requestsOf(PROTOCOLS[contender.protocol], operation, count);
        if (round === 0 && operation === 'register') await send(contender, requests.slice(0, count));
        const perSecond = await send(contender, requests, TURN_MS);
        // The first round warms up.
        if (round > 0) all.push(perSecond);
      }
    }
  }
  return Promise.all(
    figures.map(async ({ contender, register, renew, list }) => ({
      contender,
      perSecond: { register: median(register), renew: median(renew), list: median(list) },
      memory: await contender.memory(),
    })),
  );
}

function noFigures(): Record<Operation, number[]> {
  return { register: [], renew: [], list: [] };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function compare(): Promise<void> {
  if (consul === undefined) print('Without Consul: there is no CONSUL_BIN, and none on PATH.');
  if (eureka === undefined) print('Without Eureka: there is no EUREKA_JAR.');
  print(`Medians of ${ROUNDS} turns of ${TURN_MS} ms each, ${CONNECTIONS} connections.\n`);
  for (const count of COUNTS) print(table(`${count} instances of one service`, await measure(count)));
  const watched = [ours[1], consul].filter((one) => one !== undefined);
  const took = watched.map(({ title }): [string, number[][]] => [title, []]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [at, contender] of watched.entries()) {
      const changes = await watch(contender, CHANGES);
      if (round > 0) took[at]?.[1].push(...changes);
    }
  }
  print(watchers(took));
}

/** Where the CPU of each operation goes, with 100 instances. */
async function profile(name: string): Promise<void> {
  const contender = ours.find(({ protocol }) => protocol === name);
  if (contender?.child === undefined) throw new Error('There is a profile of courses, consul and eureka.');
  const { child, protocol } = contender;
  await send(contender, requestsOf(PROTOCOLS[protocol], 'register', 100));
  for (const operation of OPERATIONS) {
    const requests = requestsOf(PROTOCOLS[protocol], operation, 100);
    const where = await profiled(child, () => send(contender, requests, 3_000));
    const before = await child.usage();
    const perSecond = await send(contender, requests, 3_000);
    const cpu = ((await child.usage()).cpuMicros - before.cpuMicros) / (perSecond * 3);
    print(`${operation}: ${perSecond.toFixed(0)} a second, ${cpu.toFixed(0)} µs of CPU each\n${where}`);
  }
}

try {
  if (options.profile === undefined) await compare();
  else await profile(options.profile);
} finally {
  load.stop();
  await Promise.all(contenders.map((contender) => contender.stop()));
  await keeper.close();
}

/**
 * npm run bench -- gateway [--rounds N] [--chart] [--profile] [--soak] [--workers]
 *
 * What a request through the gateway costs, with everything on: `GET /api/users/:id` with an RS256 token, limits
 * in Redis, ids, logs, metrics; beside proxies that do nothing else, and beside what an Express developer
 * assembles from the same packages (gateway/express-baseline.ts). Loopback only; all are up at once and take turns, so that what
 * else the machine does falls on all. CPU is the proxy's own time, user and system, by its requests: it says
 * more than requests a second, for which client, proxy and service share the machine.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startTestServerManager } from '@plaza/local-stack';
import { testRedis } from '@plaza/local-stack/testing';
import { createSigner, serveJwks } from '../../api-gateway/test/jwt-signer.ts';
import { renderChart } from './gateway/chart.ts';
import {
  COMPETITOR_NAMES,
  startCompetitors,
  startPlazaGateway,
  FULL_FEATURED,
  type CompetitorName,
} from './gateway/competitors.ts';
import { renderTable, type MeasurementsByCompetitor } from './gateway/report.ts';
import { startFakeUsersService } from './gateway/fake-users-service.ts';
import { startLoadGenerator, type LoadRequest } from './load/load-generator.ts';
import {
  measureProcess,
  medianMeasurement,
  type ProcessMeasurement,
  type MeasureOptions,
} from './load/measure.ts';
import { reserveMeasuredCore, PINNING } from './process/cpu-pinning.ts';
import { profileCpu } from './process/profile.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    chart: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    workers: { type: 'boolean', default: false },
  },
});

const ROUNDS = Number(options.rounds);
const TOKENS = 1_000;
/** How often each token comes in a turn: a number and no time, so that all are equally warm; and many, as in use. */
const TIMES = 20;
/** What they run through is compiled after some 30,000 requests. */
const WARM_UP_TIMES = 30;
const FRESH_TOKENS = 4_000;
const FRESH_WARM_UP_TOKENS = 30_000;
/** A second; below what the slowest of them can do. */
const RATE = 600;
const SOAK_REQUESTS = 1_000_000;
const SOAK_MS = 15 * 60_000;

reserveMeasuredCore();
const manager = await startTestServerManager();
const signer = createSigner('bench');
/** One request a token. */
const requests = (count: number, prefix: string): LoadRequest[] =>
  Array.from({ length: count }, (_, number) => ({
    method: 'GET',
    path: '/api/users/42',
    headers: { authorization: `Bearer ${signer.token({ sub: `${prefix}-${number}` })}` },
  }));
const service = await startFakeUsersService(serveJwks(signer));
const environment = { serviceUrl: service.url, redisUrl: (await testRedis()).url };
const proxies = await startCompetitors(environment);
const load = await startLoadGenerator();
const steady: MeasureOptions = { requests: requests(TOKENS, 'known'), connections: 32, times: TIMES };
const warmUp: MeasureOptions = { ...steady, times: WARM_UP_TIMES };

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function measureRounds(
  names: readonly CompetitorName[],
  rounds: number,
  optionsOf: (round: number) => MeasureOptions,
): Promise<MeasurementsByCompetitor> {
  const all: MeasurementsByCompetitor = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const measureOptions = optionsOf(round);
    for (const name of names) all.get(name)?.push(await measureProcess(proxies[name], load, measureOptions));
  }
  return all;
}

async function compare(): Promise<void> {
  const names = Object.keys(COMPETITOR_NAMES) as CompetitorName[]; // oxlint-disable-line typescript/no-unsafe-type-assertion
  print(`Medians of ${ROUNDS} turns each; ${PINNING}. Ratios are to the assembled stack.\n`);
  await measureRounds(names, 1, () => warmUp);
  const busy = await measureRounds(names, ROUNDS, () => steady);
  print(renderTable(`32 connections as fast as they can, ${TOKENS} tokens in use`, busy));
  const paced = await measureRounds(names, Math.ceil(ROUNDS / 2), () => ({
    ...steady,
    perSecond: RATE,
    milliseconds: 3_000,
  }));
  print(renderTable(`${RATE} requests a second, whoever is asked, ${TOKENS} tokens in use`, paced));
  const once = (count: number, prefix: string): MeasureOptions => ({
    ...steady,
    times: 1,
    requests: requests(count, prefix),
  });
  await measureRounds(FULL_FEATURED, 1, () => once(FRESH_WARM_UP_TOKENS, 'warm-up'));
  const fresh = await measureRounds(FULL_FEATURED, ROUNDS, (round) => once(FRESH_TOKENS, `fresh-${round}`));
  print(renderTable('32 connections as fast as they can, each token seen once', fresh));
  if (options.chart)
    writeFileSync(new URL('../../docs/gateway-bench.svg', import.meta.url), renderChart(busy));
}

/** Memory over a million requests, and what the CPU of a request comes to in its course. */
async function soak(): Promise<void> {
  const until = Date.now() + SOAK_MS;
  const legs: ProcessMeasurement[] = [];
  let sent = 0;
  while (sent < SOAK_REQUESTS && Date.now() < until) {
    const leg = await measureProcess(proxies.ours, load, { ...steady, milliseconds: 10_000 });
    legs.push(leg);
    sent += leg.requests;
    print(`${String(sent).padStart(9)} requests  ${leg.memory.toFixed(0)} MB  ${leg.cpu.toFixed(0)} µs`);
  }
}

/** Two workers beside one, on all cores: they need more of them than the load and the servers leave on two. */
async function compareWorkers(): Promise<void> {
  const proxies = await Promise.all(
    [1, 2].map((count) =>
      startPlazaGateway(environment, { GATEWAY_WORKERS: String(count) }, { dedicatedCore: false }),
    ),
  );
  const all = proxies.map((proxy) => ({ proxy, turns: new Array<ProcessMeasurement>() }));
  for (const { proxy } of all) await measureProcess(proxy, load, { ...warmUp, times: 2 * WARM_UP_TIMES });
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { proxy, turns } of all) turns.push(await measureProcess(proxy, load, steady));
  const [one, two] = all.map(({ turns }) => medianMeasurement(turns));
  for (const { proxy } of all) proxy.stop();
  if (one === undefined || two === undefined) return;
  for (const [name, { cpu, perSecond, memory }] of [['1 worker ', one] as const, ['2 workers', two] as const])
    print(`${name}  ${cpu.toFixed(0)} µs  ${perSecond.toFixed(0)} requests/s  ${memory.toFixed(0)} MB`);
  print(`Two do ${(two.perSecond / one.perSecond).toFixed(2)} times what one does.`);
}

try {
  if (options.soak) await soak();
  else if (options.workers) await compareWorkers();
  else if (options.profile)
    print(await profileCpu(proxies.ours, () => measureProcess(proxies.ours, load, warmUp)));
  else await compare();
} finally {
  for (const proxy of Object.values(proxies)) proxy.stop();
  load.stop();
  service.stop();
  await manager.close();
}

/**
 * npm run bench -- gateway [options], see gateway/options.ts
 *
 * CPU time, latency and memory of a request through the gateway with everything on: `GET /api/users/:id` with an RS256
 * token, limits in Redis, ids, logs, metrics. It runs beside proxies that do nothing else, beside the stack that an
 * Express developer assembles from the same packages (gateway/express-baseline.ts), and with `--against` beside another
 * build of the gateway. Loopback only. All processes are up at once and take turns, so that other load of the machine
 * falls on all of them. CPU is the proxy's own time, user and system, divided by its requests. It says more than
 * requests a second, because client, proxy and service share the machine.
 */
import { startTestServerManager } from '@plaza/local-stack';
import { testRedis } from '@plaza/local-stack/testing';
import { createSigner, serveJwks } from '../../api-gateway/test/jwt-signer.ts';
import { describeRun } from './gateway/build-report.ts';
import { findGatewayBuild, thisBuild } from './gateway/build.ts';
import { compare } from './gateway/comparison.ts';
import {
  COMPETITOR_NAMES,
  startCompetitor,
  startGateway,
  type CompetitorName,
} from './gateway/competitors.ts';
import { startFakeUsersService } from './gateway/fake-users-service.ts';
import { parseGatewayBenchOptions } from './gateway/options.ts';
import { createScenarios, knownTokens, type TokenRequests } from './gateway/scenarios.ts';
import { startLoadGenerator, type LoadRequest } from './load/load-generator.ts';
import { measureProcess, medianMeasurement, type ProcessMeasurement } from './load/measure.ts';
import { reserveMeasuredCore } from './process/cpu-pinning.ts';
import { profileCpu } from './process/profile.ts';
import { createProgress } from './progress.ts';
import { exitWithUsage } from './usage-error.ts';

const SOAK_REQUESTS = 1_000_000;
const SOAK_MS = 15 * 60_000;
const SOAK_TURN_MS = 10_000;
/** Longer than the longest run. */
const TOKEN_SECONDS = 6 * 3_600;

async function readCommandLine() {
  const options = parseGatewayBenchOptions(process.argv.slice(2));
  const before = options.against === undefined ? undefined : await findGatewayBuild(options.against);
  return { options, now: await thisBuild(), before };
}

const { options, now, before } = await readCommandLine().catch(exitWithUsage);
const print = (text: string) => void process.stdout.write(`${text}\n`);

reserveMeasuredCore();
const manager = await startTestServerManager();
const signer = createSigner('bench');
const tokenRequests = new Map<string, readonly LoadRequest[]>();
const requests: TokenRequests = (count, prefix) => {
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS;
  const signed =
    tokenRequests.get(prefix) ??
    Array.from({ length: count }, (_, number): LoadRequest => ({
      method: 'GET',
      path: '/api/users/42',
      headers: { authorization: `Bearer ${signer.token({ sub: `${prefix}-${number}`, exp })}` },
    }));
  tokenRequests.set(prefix, signed);
  return signed;
};
const service = await startFakeUsersService(serveJwks(signer));
const environment = { serviceUrl: service.url, redisUrl: (await testRedis()).url };
const load = await startLoadGenerator();
const known = knownTokens(options, requests);
const warmUp = known(Math.ceil(options.warmUp / options.tokens));

function start(name: CompetitorName) {
  if (name === 'ours') return startGateway(now.main, environment);
  if (name !== 'before') return startCompetitor(name, environment);
  if (before === undefined) throw new Error('There is no other build without --against.');
  return startGateway(before.main, environment);
}

function compareAll(): Promise<void> {
  const all = Object.keys(COMPETITOR_NAMES) as CompetitorName[]; // oxlint-disable-line typescript/no-unsafe-type-assertion
  const names = all.filter((name) =>
    name === 'before' ? before !== undefined : name === 'ours' || !options.only,
  );
  print(`${describeRun(now, before)}\nMedians of ${options.starts * options.rounds} turns each.\n`);
  return compare({ names, start, load, scenarios: createScenarios(names, options, requests), options });
}

/** Where the CPU time of each build goes. */
async function profile(): Promise<void> {
  const builds = before === undefined ? (['ours'] as const) : (['ours', 'before'] as const);
  for (const name of builds) {
    const gateway = await start(name);
    const report = await profileCpu(gateway, () => measureProcess(gateway, load, warmUp));
    print(`${COMPETITOR_NAMES[name]}\n${report}`);
    gateway.stop();
  }
}

/** Memory and CPU of a request over a million requests. */
async function soak(): Promise<void> {
  const gateway = await start('ours');
  const until = Date.now() + SOAK_MS;
  let sent = 0;
  while (sent < SOAK_REQUESTS && Date.now() < until) {
    const turn = await measureProcess(gateway, load, { ...known(1), milliseconds: SOAK_TURN_MS });
    sent += turn.requests;
    print(`${String(sent).padStart(9)} requests  ${turn.memory.toFixed(0)} MB  ${turn.cpu.toFixed(0)} µs`);
  }
  gateway.stop();
}

/** Two workers beside one, on all cores: two need more of them than load and servers leave on a machine of two. */
async function compareWorkers(): Promise<void> {
  const gateways = await Promise.all(
    [1, 2].map((count) =>
      startGateway(now.main, environment, { GATEWAY_WORKERS: String(count) }, { dedicatedCore: false }),
    ),
  );
  const all = gateways.map((gateway) => ({ gateway, turns: new Array<ProcessMeasurement>() }));
  const turnMs = 4_000;
  const progress = createProgress(turnMs * all.length * (options.rounds + 2));
  const measure = (activity: string, turns: number, work: () => Promise<ProcessMeasurement>) =>
    progress.track(activity, turns * turnMs, work);
  for (const { gateway } of all)
    await measure('warming up', 2, () =>
      measureProcess(gateway, load, { ...warmUp, times: 2 * (warmUp.times ?? 1) }),
    );
  for (let round = 0; round < options.rounds; round += 1)
    for (const { gateway, turns } of all)
      turns.push(
        await measure(`round ${round + 1} of ${options.rounds}`, 1, () =>
          measureProcess(gateway, load, known(options.times)),
        ),
      );
  for (const gateway of gateways) gateway.stop();
  const [one, two] = all.map(({ turns }) => medianMeasurement(turns));
  if (one === undefined || two === undefined) return;
  for (const [name, { cpu, perSecond, memory }] of [['1 worker ', one] as const, ['2 workers', two] as const])
    print(`${name}  ${cpu.toFixed(0)} µs  ${perSecond.toFixed(0)} requests/s  ${memory.toFixed(0)} MB`);
  print(`Two do ${(two.perSecond / one.perSecond).toFixed(2)} times what one does.`);
}

try {
  await { compare: compareAll, profile, soak, workers: compareWorkers }[options.mode]();
} finally {
  load.stop();
  service.stop();
  await manager.close();
}

/**
 * npm run bench -- gateway
 *
 * What a request through the gateway costs, beside the same request through nothing but
 * http-proxy-middleware under Express 5. `GET /api/users/:id` with a token, 32 kept connections, loopback
 * only; each proxy is a process of its own, all are up at once and take turns of two seconds, so that
 * what else the machine does falls on all of them. CPU is the proxy's own time (user and system) by its
 * requests: it says more than requests a second, which client, proxy and service share the cores for.
 */
import { startKeeper } from '@plaza/local-stack';
import { testRedis } from '@plaza/local-stack/testing';
import { createSigner, publishing } from '../../api-gateway/test/tokens.ts';
import { startChild, type MeasuredChild } from './gateway/child.ts';
import { drive } from './gateway/load.ts';
import { startService } from './gateway/service.ts';

const ROUNDS = 5;
const TURN_MS = 2_000;
const WARM_UP_MS = 1_500;
const NEVER_REACHED = '1000000000/1h';

interface Turn {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly memory: number;
}

const keeper = await startKeeper();
const signer = createSigner('bench');
const service = await startService(publishing(signer));
const main = new URL('../../api-gateway/src/main.ts', import.meta.url);
const environment = {
  NODE_ENV: 'production',
  USERS_SERVICE_URL: service.url,
  REDIS_URL: (await testRedis()).url,
  RATE_LIMIT_ANONYMOUS: NEVER_REACHED,
  RATE_LIMIT_USER: NEVER_REACHED,
};
const quiet = { ...environment, LOG_LEVEL: 'error' };

const proxies: Readonly<Record<string, MeasuredChild>> = {
  'http-proxy-middleware alone': await startChild(new URL('./gateway/bare.ts', import.meta.url), {
    TARGET: service.url,
  }),
  'the gateway': await startChild(main, environment),
  'the gateway, no access log': await startChild(main, quiet),
  'the gateway, no log, no limits': await startChild(main, {
    ...quiet,
    RATE_LIMIT_ANONYMOUS: 'off',
    RATE_LIMIT_USER: 'off',
  }),
};

async function turn(proxy: MeasuredChild, milliseconds: number): Promise<Turn> {
  const before = await proxy.usage();
  const requests = await drive(`${proxy.url}/api/users/42`, signer.token({ sub: 'bench' }), milliseconds);
  const after = await proxy.usage();
  return {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
    perSecond: (requests / milliseconds) * 1_000,
    memory: after.residentBytes / 1_048_576,
  };
}

const turns = new Map<string, Turn[]>(Object.keys(proxies).map((name) => [name, []]));
try {
  for (const proxy of Object.values(proxies)) await turn(proxy, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, proxy] of Object.entries(proxies)) turns.get(name)?.push(await turn(proxy, TURN_MS));
  }
  report();
} finally {
  for (const proxy of Object.values(proxies)) proxy.stop();
  service.stop();
  await keeper.close();
}

function report(): void {
  const rows = [...turns].map(([name, all]) => ({
    name,
    cpu: median(all.map(({ cpuMicros }) => cpuMicros)),
    perSecond: median(all.map(({ perSecond }) => perSecond)),
    memory: Math.max(...all.map(({ memory }) => memory)),
  }));
  const bare = rows[0]?.cpu ?? Number.NaN;
  const lines = rows.map(({ name, cpu, perSecond, memory }) =>
    [
      name.padEnd(32),
      `${cpu.toFixed(0)} µs`.padStart(12),
      `× ${(cpu / bare).toFixed(2)}`.padStart(8),
      perSecond.toFixed(0).padStart(12),
      `${memory.toFixed(0)} MB`.padStart(10),
    ].join(''),
  );
  const head = `${''.padEnd(32)}${'CPU a request'.padStart(12)}${'ratio'.padStart(8)}${'requests/s'.padStart(12)}${'memory'.padStart(10)}`;
  const text = `Median of ${ROUNDS} turns; memory is the most that was resident.\n\n${head}\n${lines.join('\n')}\n`;
  process.stdout.write(text);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

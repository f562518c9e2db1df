import { Pool } from 'undici';
import type { RegistryUnderTest } from './registry-under-test.ts';
import { PROTOCOLS } from './protocols.ts';

const WATCHERS = 50;
const SERVICE = 'watched';
const protocol = PROTOCOLS.consul;

/**
 * Milliseconds from sending a change to the response of each of 50 blocking queries. One sorted list for each change.
 */
export async function measureWatchLatency(
  { url, headers }: RegistryUnderTest,
  changes: number,
): Promise<number[][]> {
  const pool = new Pool(url, { connections: WATCHERS + 1, pipelining: 1 });
  const ask = async (index: string) => {
    const path = `/v1/health/service/${SERVICE}?passing&index=${index}&wait=60s`;
    const { headers: answer, body } = await pool.request({ path, method: 'GET', headers });
    await body.text();
    return { index: String(answer['x-consul-index']), at: performance.now() };
  };
  const change = async (round: number) => {
    const { headers: own, body: sent = null, ...request } = protocol.register(SERVICE, 0, round);
    const { statusCode, body } = await pool.request({
      ...request,
      body: sent,
      headers: { ...headers, ...own },
    });
    await body.text();
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode} to a registration.`);
  };

  const took: number[][] = [];
  await change(0);
  for (let round = 1; round <= changes; round += 1) {
    const { index } = await ask('0');
    const waiting = Array.from({ length: WATCHERS }, () => ask(index));
    await waitUntilBlocked(pool, WATCHERS);
    const sent = performance.now();
    await change(round);
    const known = await Promise.all(waiting);
    took.push(known.map(({ at }) => at - sent).sort((one, other) => one - other));
  }
  await pool.destroy();
  return took;
}

/** Waits until all queries are sent, and 100 ms more for the registry to read them. */
async function waitUntilBlocked(pool: Pool, count: number): Promise<void> {
  while (pool.stats.running < count) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
}

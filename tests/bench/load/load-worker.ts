/** Sends each load job over kept-alive connections, and reports how long the responses took. */
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { loadJob, type LoadJob, type LoadMeasurement } from './load-generator.ts';

/** Sends one request; resolves at the end of its response. */
function createSender({ url, requests, connections }: LoadJob) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const send = (number: number) =>
    new Promise<void>((resolve, reject) => {
      const request = requests[number % requests.length];
      if (request === undefined) throw new Error('The load job has no requests.');
      const { method, path, body = null } = request;
      const headers = { 'user-agent': 'bench', accept: 'application/json', ...request.headers };
      pool.dispatch(
        { path, method, headers, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status) => {
            if (status < 200 || status > 299) reject(new Error(`${method} ${url}${path} answers ${status}`));
          },
          onResponseData: () => undefined,
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  return { send, close: () => pool.destroy() };
}

async function runClosedLoop(job: LoadJob, send: (number: number) => Promise<void>): Promise<number[]> {
  const { milliseconds, requests, connections, times = 1 } = job;
  const until = performance.now() + (milliseconds ?? Number.POSITIVE_INFINITY);
  const most = milliseconds === undefined ? requests.length * times : Number.POSITIVE_INFINITY;
  const took: number[] = [];
  let next = 0;
  const connection = async () => {
    while (next < most && performance.now() < until) {
      const started = performance.now();
      await send((next += 1) - 1);
      took.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return took;
}

/** A request's time counts from when it was due, so waiting for a free connection is part of it. */
async function runOpenLoop(
  perSecond: number,
  milliseconds: number,
  send: (number: number) => Promise<void>,
): Promise<number[]> {
  const started = performance.now();
  const count = Math.floor((perSecond * milliseconds) / 1_000);
  const all: Promise<number>[] = [];
  while (all.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - started) * perSecond) / 1_000) + 1);
    while (all.length < due) {
      const dueAt = started + (all.length / perSecond) * 1_000;
      all.push(send(all.length).then(() => performance.now() - dueAt));
    }
    await wait(1);
  }
  return Promise.all(all);
}

async function run(job: LoadJob): Promise<LoadMeasurement> {
  const { send, close } = createSender(job);
  const started = performance.now();
  const took =
    job.perSecond === undefined
      ? await runClosedLoop(job, send)
      : await runOpenLoop(job.perSecond, job.milliseconds ?? 1_000, send);
  const seconds = (performance.now() - started) / 1_000;
  await close();
  const sorted = Float64Array.from(took).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { requests: took.length, seconds, p50: at(0.5), p99: at(0.99) };
}

process.on('message', (message) => {
  void run(loadJob.parse(message)).then((result) => process.send?.(result));
});
process.send?.('ready');

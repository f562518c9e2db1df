/** A preload: reports the CPU time and memory of this process and its workers over IPC, and profiles it on request. */
import cluster, { type Worker } from 'node:cluster';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { z } from 'zod';

const usageRequest = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('usage') }),
  z.object({ ask: z.literal('profile') }),
  z.object({ ask: z.literal('write-profile'), file: z.string() }),
]);

const usage = z.object({ cpuMicros: z.number(), residentBytes: z.number() });
type Usage = z.output<typeof usage>;

const SAMPLING_MICROS = 200;

const session = new Session();

async function handleRequest(message: unknown): Promise<object> {
  const request = usageRequest.parse(message);
  if (request.ask === 'usage') return getTotalUsage();
  if (request.ask === 'profile') {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
    await session.post('Profiler.start');
    return {};
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(request.file, JSON.stringify(profile));
  return { written: request.file };
}

async function getTotalUsage(): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const all = [{ cpuMicros: user + system, residentBytes: process.memoryUsage.rss() }];
  for (const worker of Object.values(cluster.workers ?? {}))
    if (worker !== undefined) all.push(await getWorkerUsage(worker));
  return {
    cpuMicros: all.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0),
    residentBytes: all.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

function getWorkerUsage(worker: Worker): Promise<Usage> {
  const { promise, resolve } = Promise.withResolvers<Usage>();
  const onMessage = (message: unknown) => {
    const report = usage.safeParse(message);
    if (!report.success) return;
    worker.off('message', onMessage);
    resolve(report.data);
  };
  worker.on('message', onMessage);
  worker.send({ ask: 'usage' });
  return promise;
}

process.on('message', (message) => {
  // The measured program may exchange other messages over the same channel; a cluster does.
  if (!usageRequest.safeParse(message).success) return;
  void handleRequest(message).then((report) => process.send?.(report));
});
process.channel?.unref();

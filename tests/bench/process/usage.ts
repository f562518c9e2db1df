/** A preload: answers over IPC what this process and its workers have used, and profiles it where it is asked to. */
import cluster, { type Worker } from 'node:cluster';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { z } from 'zod';

const question = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('usage') }),
  z.object({ ask: z.literal('profile') }),
  z.object({ ask: z.literal('write-profile'), file: z.string() }),
]);

const usage = z.object({ cpuMicros: z.number(), residentBytes: z.number() });
type Usage = z.output<typeof usage>;

const SAMPLING_MICROS = 200;

const session = new Session();

async function handleQuestion(message: unknown): Promise<object> {
  const asked = question.parse(message);
  if (asked.ask === 'usage') return getTotalUsage();
  if (asked.ask === 'profile') {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
    await session.post('Profiler.start');
    return {};
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(asked.file, JSON.stringify(profile));
  return { written: asked.file };
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
  const hear = (message: unknown) => {
    const said = usage.safeParse(message);
    if (!said.success) return;
    worker.off('message', hear);
    resolve(said.data);
  };
  worker.on('message', hear);
  worker.send({ ask: 'usage' });
  return promise;
}

process.on('message', (message) => {
  // What is measured may send messages of its own: a cluster does.
  if (!question.safeParse(message).success) return;
  void handleQuestion(message).then((said) => process.send?.(said));
});
process.channel?.unref();

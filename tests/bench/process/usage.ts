/** A preload: answers over IPC what this process has used, and profiles it where it is asked to. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { z } from 'zod';

const question = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('usage') }),
  z.object({ ask: z.literal('profile') }),
  z.object({ ask: z.literal('write-profile'), file: z.string() }),
]);

const SAMPLING_MICROS = 200;

const session = new Session();

async function answer(message: unknown): Promise<object> {
  const asked = question.parse(message);
  if (asked.ask === 'usage') {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, residentBytes: process.memoryUsage.rss() };
  }
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

process.on('message', (message) => {
  // What is measured may send messages of its own: a cluster does.
  if (!question.safeParse(message).success) return;
  void answer(message).then((said) => process.send?.(said));
});
process.channel?.unref();

/**
 * npm run bench -- events
 *
 * CPU time and latency of an event, from the response to the client (the commit) to the end of the handler's write,
 * beside publish to consume by amqplib alone: messages of the same size, a quorum queue, confirms, acknowledgements,
 * `noDelay`. Producer and consumer are processes of their own. Both ways take turns in one run, so that other load of
 * the machine falls on both.
 */
import { startTestServerManager } from '@plaza/local-stack';
import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import { microsNow, type BenchJob, type BenchVariant } from './events/worker-protocol.ts';
import { renderReport, type TransferComparison, type TransferMeasurement } from './events/report.ts';
import { startBenchWorker } from './events/worker.ts';
import { createProgress } from './progress.ts';

const SETTINGS = { rounds: 5, rate: 200, atRate: 1_000, asFast: 5_000 };
const ONE_BY_ONE = 500;
const PIPELINE = 200;
/** For the progress: about how many events a second go through without a rate, and one by one. */
const EXPECTED_PER_SECOND = { pipelined: 600, alone: 200 };

const pacedMs = (SETTINGS.atRate / SETTINGS.rate) * 1_000;
const pipelinedMs = (count: number) => (count / EXPECTED_PER_SECOND.pipelined) * 1_000;
const aloneMs = (ONE_BY_ONE / EXPECTED_PER_SECOND.alone) * 1_000;
const progress = createProgress(
  2 * (pipelinedMs(SETTINGS.atRate) + SETTINGS.rounds * (pacedMs + pipelinedMs(SETTINGS.asFast))) +
    aloneMs +
    pipelinedMs(SETTINGS.asFast),
);

const manager = await startTestServerManager();
const environment = {
  RABBITMQ_URL: (await testRabbit()).url,
  MONGODB_URI: (await testMongo()).uri,
};
const consumer = await startBenchWorker(new URL('./events/consumer.ts', import.meta.url), environment);
const producer = await startBenchWorker(new URL('./events/producer.ts', import.meta.url), environment);

let runCount = 0;
/** Events from one process to the other. */
async function measureTransfer(
  way: BenchVariant,
  count: number,
  rate: number,
  atOnce = PIPELINE,
): Promise<TransferMeasurement> {
  const job: BenchJob = { way, turn: `t${(runCount += 1)}`, count, rate, atOnce };
  const handling = consumer.run(job);
  const sent = await producer.run(job);
  const handled = await handling;
  const lags = handled.at.map((at, number) => (at - (sent.at[number] ?? Number.NaN)) / 1_000);
  const seconds = (Math.max(...handled.at) - Math.min(...sent.at)) / 1_000_000;
  return {
    lags: lags.map((lag) => Math.max(0, lag)),
    perSecond: count / seconds,
    producerCpu: sent.cpuMicros / count,
    consumerCpu: handled.cpuMicros / count,
  };
}

/** Commits without events, so there is nothing to consume. */
async function measureCommits(count: number): Promise<TransferMeasurement> {
  const job: BenchJob = { way: 'commit', turn: `t${(runCount += 1)}`, count, rate: 0, atOnce: PIPELINE };
  const started = microsNow();
  const { at, cpuMicros } = await producer.run(job);
  const seconds = (Math.max(...at) - started) / 1_000_000;
  return { lags: [], perSecond: count / seconds, producerCpu: cpuMicros / count, consumerCpu: 0 };
}

/** Turns of both ways, alternating. */
async function measureAlternating(count: number, rate: number, turnMs: number): Promise<TransferComparison> {
  const results: TransferComparison = { raw: [], plaza: [] };
  for (let round = 0; round < SETTINGS.rounds; round += 1) {
    const activity = `${count} events ${rate === 0 ? 'pipelined' : `at ${rate}/s`}, round ${round + 1} of ${SETTINGS.rounds}`;
    for (const way of ['raw', 'plaza'] as const)
      results[way].push(
        await progress.track(`${activity}: ${way}`, turnMs, () => measureTransfer(way, count, rate)),
      );
  }
  return results;
}

try {
  for (const way of ['raw', 'plaza'] as const)
    await progress.track(`warming up: ${way}`, pipelinedMs(SETTINGS.atRate), () =>
      measureTransfer(way, SETTINGS.atRate, 0),
    );
  const paced = await measureAlternating(SETTINGS.atRate, SETTINGS.rate, pacedMs);
  const fast = await measureAlternating(SETTINGS.asFast, 0, pipelinedMs(SETTINGS.asFast));
  const alone = await progress.track('one confirm at a time', aloneMs, () =>
    measureTransfer('raw', ONE_BY_ONE, 0, 1),
  );
  const bare = await progress.track('commits without an event', pipelinedMs(SETTINGS.asFast), () =>
    measureCommits(SETTINGS.asFast),
  );
  progress.print(renderReport({ paced, fast, alone, bare }, SETTINGS).trimEnd());
} finally {
  producer.stop();
  consumer.stop();
  await manager.close();
}

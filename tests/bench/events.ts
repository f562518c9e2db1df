/**
 * npm run bench -- events
 *
 * What an event costs and how long it takes, from the answer to the client (the commit) to the end of the
 * handler's write, beside what the broker itself takes from publish to consume with amqplib alone: messages
 * of the same size, a quorum queue, confirms, acknowledgements, `noDelay`. Producer and consumer are processes of their
 * own; both ways take turns in the same run, so that what else the machine does falls on both.
 */
import { startTestServerManager } from '@plaza/local-stack';
import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import { microsNow, type BenchJob, type BenchVariant } from './events/worker-protocol.ts';
import { renderReport, type TransferComparison, type TransferMeasurement } from './events/report.ts';
import { startBenchWorker } from './events/worker.ts';

const SETTINGS = { rounds: 5, rate: 200, atRate: 1_000, asFast: 5_000 };
const ONE_BY_ONE = 500;
const PIPELINE = 200;

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

/** Commits without events, which nobody waits for. */
async function measureCommits(count: number): Promise<TransferMeasurement> {
  const job: BenchJob = { way: 'commit', turn: `t${(runCount += 1)}`, count, rate: 0, atOnce: PIPELINE };
  const started = microsNow();
  const { at, cpuMicros } = await producer.run(job);
  const seconds = (Math.max(...at) - started) / 1_000_000;
  return { lags: [], perSecond: count / seconds, producerCpu: cpuMicros / count, consumerCpu: 0 };
}

/** Turns of both ways in alternation. */
async function measureAlternating(count: number, rate: number): Promise<TransferComparison> {
  const results: TransferComparison = { raw: [], plaza: [] };
  for (let round = 0; round < SETTINGS.rounds; round += 1) {
    results.raw.push(await measureTransfer('raw', count, rate));
    results.plaza.push(await measureTransfer('plaza', count, rate));
  }
  return results;
}

try {
  await measureTransfer('raw', SETTINGS.atRate, 0);
  await measureTransfer('plaza', SETTINGS.atRate, 0); // warm
  const paced = await measureAlternating(SETTINGS.atRate, SETTINGS.rate);
  const fast = await measureAlternating(SETTINGS.asFast, 0);
  const alone = await measureTransfer('raw', ONE_BY_ONE, 0, 1);
  const bare = await measureCommits(SETTINGS.asFast);
  process.stdout.write(renderReport({ paced, fast, alone, bare }, SETTINGS));
} finally {
  producer.stop();
  consumer.stop();
  await manager.close();
}

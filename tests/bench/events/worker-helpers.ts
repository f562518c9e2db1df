import type { LogEvent } from '@plaza/errors';
import { baseConfig, createChassis, readConfig } from '@plaza/service-kit';
import { z } from 'zod';
import { benchJob, type BenchJob } from './worker-protocol.ts';

const silent = () => undefined;

/** The chassis of a service that logs errors only. */
export function createSilentChassis(name: string) {
  const config = readConfig(z.object(baseConfig(0, name)), {});
  const error = ({ message }: LogEvent, fields: object = {}) =>
    void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  return createChassis(config, { error, warn: silent, info: silent, debug: silent });
}

/** An environment variable that the bench sets for its workers. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** Runs each job that the bench sends, and replies with its times and with this process's CPU time for it. */
export function serveJobs(run: (job: BenchJob) => Promise<number[]>): void {
  const answer = async (message: unknown) => {
    const before = process.cpuUsage();
    const at = await run(benchJob.parse(message));
    const { user, system } = process.cpuUsage(before);
    process.send?.({ at, cpuMicros: user + system });
  };
  process.on('message', (message) => void answer(message));
  process.send?.('ready');
}

import type { LogEvent } from '@plaza/errors';
import { afterEach } from '@jest/globals';
import { baseConfig, createChassis, readConfig } from '@plaza/service-kit';
import { createBroker, type Broker, type BrokerOptions } from '@plaza/messaging';
import { z } from 'zod';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly event: string;
  readonly [field: string]: unknown;
}

const running: { stop(): Promise<boolean> }[] = [];

/** Stops the services of the test that has ended, successful or not. */
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
});

/**
 * On a busy machine an entry may wait longer than the default grace period. The long one here keeps sweepers from
 * taking over entries, except in tests about that.
 */
const TIMING = { graceMs: 120_000, sweepIntervalMs: 100 };

/** A service with only a broker, in this process. It stops with the test. */
export function createTestService(
  name: string,
  url: string,
  declare: (broker: Broker) => void = () => undefined,
  options: Partial<Omit<BrokerOptions, 'url' | 'service'>> = {},
) {
  const log: LogLine[] = [];
  const write =
    (level: LogLine['level']) =>
    ({ event }: LogEvent, fields: object = {}) =>
      void log.push({ ...fields, level, event });
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  const config = readConfig(z.object(baseConfig(0, name)), { DRAIN_MS: '0' });
  const chassis = createChassis(config, logger);
  const timing = { ...TIMING, ...options.timing };
  const broker = createBroker({ url, service: chassis, ...options, timing });
  declare(broker);
  const service = {
    broker,
    chassis,
    log,
    start: async () => {
      await chassis.lifecycle.start();
      return service;
    },
    stop: () => chassis.lifecycle.stop(async () => undefined),
    /** The value of one sample of the metrics; undefined if there is none. */
    metric: async (sample: string) => {
      const { text } = await chassis.metrics.expose();
      const line = text.split('\n').find((candidate) => sampleOf(candidate) === sample);
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
  };
  running.push(service);
  return service;
}

/** `name{a="1"}` without the labels that all metrics of a service have. */
function sampleOf(line: string): string {
  return line
    .replace(/ [^ ]*$/, '')
    .replaceAll(/,?(service|version)="[^"]*"/g, '')
    .replace('{,', '{')
    .replace('{}', '');
}

import { createMetrics, type Logger } from '@plaza/service-kit';
import { createResilienceMetrics } from '@plaza/resilience';

const silent = () => undefined;
const logger: Logger = { error: silent, warn: silent, info: silent, debug: silent };

/** A logger that says nothing, metrics that can be read, and work that can be told to fail. */
export function fixture() {
  const { registry, expose } = createMetrics({ service: 'example', version: '1' });
  return {
    logger,
    metrics: createResilienceMetrics(registry),
    exposed: async () => (await expose()).text,
  };
}

export const succeed = () => Promise.resolve('fine');
export const fail = () => Promise.reject(new Error('broken'));

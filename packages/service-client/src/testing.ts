import { createInstanceFromUrl, type InstanceSnapshot } from '@plaza/discovery';
import { createMetrics, type Logger } from '@plaza/service-kit';
import {
  createServiceClient,
  type ServiceClient,
  type ServiceClientOptions,
} from './client/service-client.ts';

const silent = () => undefined;
const silentLogger: Logger = { error: silent, warn: silent, info: silent, debug: silent };

/** The real client of a service whose instances are at these addresses, for tests of what stands on it. */
export function createTestServiceClient(
  service: string,
  urls: readonly string[],
  options: Partial<Omit<ServiceClientOptions, 'watch'>> = {},
): ServiceClient {
  const snapshot: InstanceSnapshot = {
    service,
    source: 'fallback',
    instances: urls.map((url) => createInstanceFromUrl(service, url)),
  };
  return createServiceClient({
    watch: { service, current: () => snapshot, ageMs: () => undefined, onChange: () => silent },
    serviceTokens: { issue: async () => 'the-service-token' },
    logger: silentLogger,
    metrics: createMetrics({ service: 'test', version: '1' }),
    ...options,
  });
}

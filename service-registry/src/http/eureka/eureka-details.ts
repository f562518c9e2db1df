import { z } from 'zod';
import type { Instance } from '../../domain/instance.ts';
import { memoizeByObject } from '../memoize.ts';
import { EUREKA_STATUSES } from './statuses.ts';

const port = z.object({ number: z.int(), enabled: z.boolean() });

/** Data of an instance registered through Eureka's API that only its clients read. */
export const eurekaDetails = z.object({
  hostName: z.string(),
  ipAddr: z.string(),
  status: z.enum(EUREKA_STATUSES),
  port,
  securePort: port,
  vipAddress: z.string().optional(),
  secureVipAddress: z.string().optional(),
  homePageUrl: z.string().optional(),
  statusPageUrl: z.string().optional(),
  secureHealthCheckUrl: z.string().optional(),
  appGroupName: z.string().optional(),
  asgName: z.string().optional(),
  countryId: z.int(),
  dataCenterInfo: z.object({
    name: z.enum(['MyOwn', 'Netflix', 'Amazon']),
    metadata: z.record(z.string(), z.string()).optional(),
  }),
  renewalIntervalInSecs: z.int(),
  durationInSecs: z.int(),
  isCoordinatingDiscoveryServer: z.boolean(),
  /** By the client's clock, in milliseconds since 1970. */
  lastDirtyTimestamp: z.int().optional(),
});

export type EurekaDetails = z.output<typeof eurekaDetails>;

/** Parsed once, because each renewal reads it. */
const memoizedDetails = memoizeByObject(({ details }: Instance) => eurekaDetails.safeParse(details).data);

/** Undefined for an instance of another protocol. */
export function parseEurekaDetails(instance: Instance): EurekaDetails | undefined {
  return instance.protocol === 'eureka' ? memoizedDetails(instance) : undefined;
}

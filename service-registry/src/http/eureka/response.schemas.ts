import { z } from 'zod';
import { EUREKA_STATUSES } from './statuses.ts';

/** Java's class names and attributes are part of Eureka's JSON. */
const port = z.object({ $: z.int(), '@enabled': z.enum(['true', 'false']) });
const timestamp = z.string().meta({ description: 'Milliseconds since 1970' });

export const instanceInfo = z
  .object({
    instanceId: z.string(),
    hostName: z.string(),
    app: z.string(),
    ipAddr: z.string(),
    status: z.enum(EUREKA_STATUSES),
    overriddenStatus: z.enum(EUREKA_STATUSES),
    port,
    securePort: port,
    countryId: z.int(),
    dataCenterInfo: z.object({
      '@class': z.string(),
      name: z.string(),
      metadata: z.record(z.string(), z.string()).optional(),
    }),
    leaseInfo: z.object({
      renewalIntervalInSecs: z.int(),
      durationInSecs: z.int(),
      registrationTimestamp: z.int(),
      lastRenewalTimestamp: z.int(),
      evictionTimestamp: z.int(),
      serviceUpTimestamp: z.int(),
    }),
    metadata: z.record(z.string(), z.string()),
    homePageUrl: z.string().optional(),
    statusPageUrl: z.string().optional(),
    healthCheckUrl: z.string().optional(),
    secureHealthCheckUrl: z.string().optional(),
    vipAddress: z.string().optional(),
    secureVipAddress: z.string().optional(),
    appGroupName: z.string().optional(),
    asgName: z.string().optional(),
    isCoordinatingDiscoveryServer: z.enum(['true', 'false']),
    lastUpdatedTimestamp: timestamp,
    lastDirtyTimestamp: timestamp,
    actionType: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
  })
  .meta({ id: 'EurekaInstance' });

export type InstanceInfo = z.output<typeof instanceInfo>;

export const applicationSchema = z
  .object({ name: z.string(), instance: z.array(instanceInfo) })
  .meta({ id: 'EurekaApplication' });

export type EurekaApplication = z.output<typeof applicationSchema>;

export const instanceResponse = z.object({ instance: instanceInfo });
export const applicationResponse = z.object({ application: applicationSchema });
export type ApplicationResponse = z.output<typeof applicationResponse>;

export const applicationsResponse = z.object({
  applications: z.object({
    versions__delta: z.string(),
    apps__hashcode: z.string().meta({ description: 'The number of instances per status' }),
    application: z.array(applicationSchema),
  }),
});

export type ApplicationsResponse = z.output<typeof applicationsResponse>;

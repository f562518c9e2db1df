import { baseConfig, url } from '@plaza/service-kit';
import { z } from 'zod';

const milliseconds = (standard: number, least: number) =>
  z.coerce.number().int().min(least).max(86_400_000).default(standard);

export const config = z.object({
  ...baseConfig(4000, 'service-registry'),
  REDIS_URL: url('redis', 'rediss').default('redis://127.0.0.1:6379'),
  /** The token that writes must send as "Authorization: Bearer …". Without one, every client may write. */
  REGISTRY_TOKEN: z
    .string()
    .min(16)
    .optional()
    .meta({ developmentDefault: 'plaza-development-registry-token' }),
  /** Milliseconds without a heartbeat after which an instance without `ttlMs` expires: the courses' five minutes. */
  SILENCE_MS: milliseconds(300_000, 1_000),
  /** Milliseconds between two runs of the expiration job. */
  SWEEP_MS: milliseconds(1_000, 10),
  /** The grace period in milliseconds after an outage of all registries, in which no instance expires. */
  REPORT_BACK_MS: milliseconds(15_000, 0),
  /**
   * Milliseconds between two probes of an instance's health, and the timeout of one. An interval of 0 disables
   * probes.
   */
  PROBE_EVERY_MS: milliseconds(10_000, 0),
  PROBE_TIMEOUT_MS: milliseconds(2_000, 10),
  /** Milliseconds between two polls for changes, in case a notification is lost. */
  POLL_MS: milliseconds(1_000, 10),
  /** The maximum number of instances. */
  MOST_INSTANCES: z.coerce.number().int().min(1).max(100_000).default(10_000),
  /** The maximum number of live viewers of the page. */
  MOST_VIEWERS: z.coerce.number().int().min(1).max(10_000).default(100),
});

export type RegistryConfig = z.output<typeof config>;

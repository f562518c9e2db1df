import { baseConfig, url } from '@plaza/service-kit';
import { z } from 'zod';

const milliseconds = (standard: number, least: number) =>
  z.coerce.number().int().min(least).max(86_400_000).default(standard);

export const config = z.object({
  ...baseConfig(4000, 'service-registry'),
  REDIS_URL: url('redis', 'rediss').default('redis://127.0.0.1:6379'),
  /** What writers must send as "Authorization: Bearer …"; without one anybody may write. */
  REGISTRY_TOKEN: z
    .string()
    .min(16)
    .optional()
    .meta({ developmentDefault: 'plaza-development-registry-token' }),
  /** Milliseconds of silence after which whoever named no ttlMs goes: the courses' five minutes. */
  SILENCE_MS: milliseconds(300_000, 1_000),
  /** Milliseconds between two looks at who has been silent for too long. */
  SWEEP_MS: milliseconds(1_000, 10),
  /** Milliseconds in which everybody may report back after a time in which no registry was at work. */
  REPORT_BACK_MS: milliseconds(15_000, 0),
  /** Milliseconds between two probes of an instance's health, and until one is given up; 0 probes nobody. */
  PROBE_EVERY_MS: milliseconds(10_000, 0),
  PROBE_TIMEOUT_MS: milliseconds(2_000, 10),
  /** Milliseconds between two looks for changes that no hint told of. */
  POLL_MS: milliseconds(1_000, 10),
  /** Instances at most. */
  MOST_INSTANCES: z.coerce.number().int().min(1).max(100_000).default(10_000),
  /** Who may watch the page at once. */
  MOST_VIEWERS: z.coerce.number().int().min(1).max(10_000).default(100),
});

export type RegistryConfig = z.output<typeof config>;

import { url } from '@plaza/service-kit';
import { z } from 'zod';

/** Entries with commas between. */
const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []));

const registryUrls = list
  .transform((entries) => entries.map((entry) => entry.replace(/\/+$/, '')))
  .pipe(z.array(url('http', 'https')));

/** What a service reads to find the registry and to be found: `z.object({ ...baseConfig(…), ...discoveryConfig })`. */
export const discoveryConfig = {
  /** One URL of the registry or several, with commas between. Without any the service is on its own. */
  REGISTRY_URL: registryUrls,
  /** What the registry wants to see before it takes a registration, where it wants to. */
  REGISTRY_TOKEN: z.string().optional(),
  /** Where others reach this process; default http://HOSTNAME:PORT. */
  SERVICE_URL: url('http', 'https').optional(),
  /** This process's share of its service's traffic. */
  SERVICE_WEIGHT: z.coerce.number().int().min(1).max(65_535).default(1),
  /** What Consul's clients may choose this process by. */
  SERVICE_TAGS: list,
};

export type DiscoveryConfig = z.output<z.ZodObject<typeof discoveryConfig>>;

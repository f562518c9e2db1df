import { url } from '@plaza/service-kit';
import { z } from 'zod';

const registryUrls = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((entry) => entry.trim().replace(/\/+$/, '') || []))
  .pipe(z.array(url('http', 'https')));

/** What a service reads to find the registry and to be found: `z.object({ ...baseConfig(…), ...registryConfig })`. */
export const registryConfig = {
  /** One URL of the registry or several, with commas between. Without any the service is on its own. */
  REGISTRY_URL: registryUrls,
  /** What the registry wants to see before it takes a registration, where it wants to. */
  REGISTRY_TOKEN: z.string().optional(),
  /** Where others reach this process; default http://HOSTNAME:PORT. */
  SERVICE_URL: url('http', 'https').optional(),
  /** This process's share of its service's traffic. */
  SERVICE_WEIGHT: z.coerce.number().int().min(1).max(65_535).default(1),
};

export type RegistryConfig = z.output<z.ZodObject<typeof registryConfig>>;

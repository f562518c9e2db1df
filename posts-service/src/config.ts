import { discoveryConfig } from '@plaza/discovery';
import { baseConfig, mongoUri, secret, url } from '@plaza/service-kit';
import { z } from 'zod';

export const configSchema = z.object({
  ...baseConfig(3002, 'posts-service'),
  ...discoveryConfig,
  /** The gateway. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(1),
  MONGODB_URI: mongoUri,
  RABBITMQ_URL: url('amqp', 'amqps'),
  /** Where the users service is asked while the registry knows no instance of it. */
  USERS_SERVICE_URL: url('http', 'https').default('http://localhost:3001'),
  /** What services sign their own tokens with. */
  SERVICE_SECRET: secret('plaza-development-secret'),
  /** Milliseconds between two looks for reservations that were left unfinished. */
  SWEEP_EVERY_MS: z.coerce.number().int().min(10).max(3_600_000).default(15_000),
});

export type PostsConfig = z.output<typeof configSchema>;

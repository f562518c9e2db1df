import { discoveryConfig } from '@plaza/discovery';
import { baseConfig, mongoUri, secret, url } from '@plaza/service-kit';
import { z } from 'zod';

const milliseconds = (least: number, most: number, standard: number) =>
  z.coerce.number().int().min(least).max(most).default(standard);

export const configSchema = z.object({
  ...baseConfig(3003, 'orders-service'),
  ...discoveryConfig,
  /** The gateway. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(1),
  MONGODB_URI: mongoUri,
  RABBITMQ_URL: url('amqp', 'amqps'),
  /** What services sign their own tokens with. */
  SERVICE_SECRET: secret('plaza-development-secret'),
  /** Where these two are while the registry knows no instance of them. */
  USERS_SERVICE_URL: url('http', 'https').default('http://localhost:3001'),
  POSTS_SERVICE_URL: url('http', 'https').default('http://localhost:3002'),
  /** How long an order may be pending. */
  ORDER_TIMEOUT_MS: milliseconds(1_000, 86_400_000, 120_000),
  /** Between two searches for unfinished orders. */
  SWEEP_EVERY_MS: milliseconds(50, 600_000, 5_000),
  /** What a payment with tok_slow takes; less than the 10 seconds that an event's handler has. */
  SLOW_PAYMENT_MS: milliseconds(0, 9_000, 3_000),
});

export type OrdersConfig = z.output<typeof configSchema>;

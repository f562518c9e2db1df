import type { KeyObject } from 'node:crypto';
import { discoveryConfig } from '@plaza/discovery';
import { baseConfig, mongoUri, secret, url } from '@plaza/service-kit';
import { z } from 'zod';
import { parsePrivateKey, parsePublicKeys } from './crypto/rsa-keys.ts';
import { MAX_EMAIL_LENGTH, PASSWORD_LENGTH } from './domain/user.ts';

const pem = <Key>(read: (text: string) => Key, expected: string) =>
  z.string().transform((text, context): Key => {
    try {
      return read(text);
    } catch {
      context.addIssue(expected);
      return z.NEVER;
    }
  });

const noKeys: KeyObject[] = [];

export const configSchema = z
  .object({
    ...baseConfig(3001, 'users-service'),
    ...discoveryConfig,
    /** The gateway. */
    TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(1),
    MONGODB_URI: mongoUri,
    REDIS_URL: url('redis', 'rediss'),
    RABBITMQ_URL: url('amqp', 'amqps'),
    /** What services sign their own tokens with. */
    SERVICE_SECRET: secret('plaza-development-secret'),
    /** Makes an administrator at the start, where there is none of this address. */
    ADMIN_EMAIL: z.email().max(MAX_EMAIL_LENGTH).optional(),
    ADMIN_PASSWORD: z.string().min(PASSWORD_LENGTH.least).max(PASSWORD_LENGTH.most).optional(),
    /** The key that access tokens are signed with; without it one is made and kept in the database. */
    JWT_PRIVATE_KEY: pem(
      parsePrivateKey,
      'expected an RSA private key of 2048 bits or more, in PEM',
    ).optional(),
    /** Keys beside JWT_PRIVATE_KEY whose tokens hold: the one before, or the next. */
    JWT_VERIFICATION_KEYS: pem(parsePublicKeys, 'expected RSA keys of 2048 bits or more, in PEM').default(
      noKeys,
    ),
    /** Which of the keys in the database signs. One more rolls a new key in. */
    JWT_KEY_GENERATION: z.coerce.number().int().min(1).max(1_000_000).default(1),
  })
  .refine((config) => (config.ADMIN_EMAIL === undefined) === (config.ADMIN_PASSWORD === undefined), {
    path: ['ADMIN_PASSWORD'],
    error: 'ADMIN_EMAIL and ADMIN_PASSWORD go together',
  });

export type UsersConfig = z.output<typeof configSchema>;

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '@plaza/service-kit';
import { configSchema } from '../src/config.ts';

const LEAST = {
  MONGODB_URI: 'mongodb://localhost/users',
  REDIS_URL: 'redis://localhost',
  RABBITMQ_URL: 'amqp://localhost',
};

const weakKey = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = ({ privateKey }: typeof weakKey) =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('the environment', () => {
  test('needs its three servers, and trusts one proxy', () => {
    expect(readConfig(configSchema, LEAST)).toMatchObject({ PORT: 3001, TRUSTED_PROXIES: 1 });
    expect(() => readConfig(configSchema, {})).toThrow(
      /MONGODB_URI: is required[^]*REDIS_URL: is required[^]*RABBITMQ_URL: is required/,
    );
  });

  test.each([
    'mongodb://one:27017,two:27017/users?replicaSet=rs0',
    'mongodb+srv://somebody:secret@cluster.example.com/users',
  ])('takes %s for a MongoDB', (MONGODB_URI) => {
    expect(readConfig(configSchema, { ...LEAST, MONGODB_URI })).toMatchObject({ MONGODB_URI });
  });

  test.each([
    ['half an administrator', { ADMIN_EMAIL: 'root@example.com' }, 'ADMIN_PASSWORD'],
    ['a short password', { ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'short' }, 'ADMIN_PASSWORD'],
    ['a key that is none', { JWT_PRIVATE_KEY: 'none' }, 'JWT_PRIVATE_KEY'],
    ['a short key', { JWT_PRIVATE_KEY: pemOf(weakKey) }, 'JWT_PRIVATE_KEY'],
    ['a key of another kind', { JWT_PRIVATE_KEY: pemOf(otherKey) }, 'JWT_PRIVATE_KEY'],
    ['no keys where some are meant', { JWT_VERIFICATION_KEYS: 'none' }, 'JWT_VERIFICATION_KEYS'],
    ['another database', { MONGODB_URI: 'postgres://localhost/users' }, 'MONGODB_URI'],
  ])('refuses %s', (_, environment, name) => {
    expect(() => readConfig(configSchema, { ...LEAST, ...environment })).toThrow(
      new RegExp(`^  ${name}: `, 'm'),
    );
  });
});

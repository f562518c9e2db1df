import { describe, expect, test } from '@jest/globals';
import { readConfig } from '@plaza/service-kit';
import { createConfigSchema, serviceUrl } from '../src/config.ts';

const PRODUCTION = { NODE_ENV: 'production', SERVICE_SECRET: 'x'.repeat(32) };
const read = (environment: Record<string, string>) =>
  readConfig(createConfigSchema(undefined, environment), environment);

describe('in production the Admin API', () => {
  test('is not opened to others than this machine without a token', () => {
    expect(() => read({ ...PRODUCTION, ADMIN_HOST: '0.0.0.0' })).toThrow(
      'ADMIN_TOKEN: is required in production',
    );
  });

  test.each([
    { ADMIN_HOST: '0.0.0.0', ADMIN_TOKEN: 'y'.repeat(32) },
    { ADMIN_HOST: '127.0.0.1' },
    { ADMIN_HOST: '::1' },
  ])('is opened as %j says', (admin) => {
    expect(read({ ...PRODUCTION, ...admin })).toMatchObject(admin);
  });
});

describe('<NAME>_SERVICE_URL', () => {
  test('is the address of the service of that name', () => {
    const config = read({ GIFT_CARDS_SERVICE_URL: 'http://gift-cards:3009' });
    expect(serviceUrl(config, 'gift-cards-service')).toBe('http://gift-cards:3009');
    expect(serviceUrl(config, 'gift-service')).toBeUndefined();
    expect(serviceUrl(config, 'gift-cards')).toBeUndefined();
  });

  test('must be a URL, and is reported with all other mistakes', () => {
    expect(() => read({ GIFT_CARDS_SERVICE_URL: 'gift-cards:3009', PORT: 'x' })).toThrow(
      /PORT: .*\n.*GIFT_CARDS_SERVICE_URL: expected a URL of http or https:\/\//,
    );
  });
});

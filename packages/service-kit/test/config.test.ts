import { describe, expect, test } from '@jest/globals';
import { baseConfig, ConfigError, readConfig, secret, url } from '@plaza/service-kit';
import { z } from 'zod';

const schema = z.object({
  ...baseConfig(3001, 'example'),
  MONGODB_URI: url('mongodb', 'mongodb+srv'),
  SERVICE_SECRET: secret('a-secret-for-development'),
});

const MONGODB_URI = 'mongodb://localhost/example';

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

describe('readConfig', () => {
  test('has a default for everything but what only the user can know', () => {
    expect(readConfig(schema, { MONGODB_URI })).toMatchObject({
      PORT: 3001,
      NODE_ENV: 'development',
      SERVICE_NAME: 'example',
      MONGODB_URI,
    });
  });

  test('names every mistake at once', () => {
    const mistakes = mistakesOf({ PORT: '99999', LOG_LEVEL: 'loud' });
    expect(mistakes).toEqual([
      expect.stringMatching(/^PORT: /),
      expect.stringMatching(/^LOG_LEVEL: /),
      'MONGODB_URI: is required and not set',
    ]);
  });

  test('says which kind of URL it wants', () => {
    expect(mistakesOf({ MONGODB_URI: 'http://localhost' })).toEqual([
      'MONGODB_URI: expected a URL of mongodb or mongodb+srv://',
    ]);
  });

  test('takes an empty variable for one that is not set', () => {
    expect(readConfig(schema, { MONGODB_URI, PORT: '' }).PORT).toBe(3001);
  });

  test.each([{}, { SERVICE_SECRET: 'a-secret-for-development' }])(
    'refuses a development secret in production: %j',
    (extra) => {
      expect(mistakesOf({ MONGODB_URI, NODE_ENV: 'production', ...extra })).toEqual([
        expect.stringMatching(/^SERVICE_SECRET: is the development default/),
      ]);
    },
  );

  test('takes a secret of the user in production', () => {
    expect(mistakesOf({ MONGODB_URI, NODE_ENV: 'production', SERVICE_SECRET: 'x'.repeat(32) })).toEqual([]);
  });

  test('refuses a secret that is too short to be one', () => {
    expect(mistakesOf({ MONGODB_URI, SERVICE_SECRET: 'short' })).toEqual([
      expect.stringMatching(/^SERVICE_SECRET: /),
    ]);
  });
});

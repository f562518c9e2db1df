import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { readConfig } from '@plaza/service-kit';
import { config } from '../src/config.ts';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

const TOKEN = 'a-token-of-this-test';
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, REGISTRY_TOKEN: TOKEN });
});
afterAll(() => registry.stop());

const writes = [
  ['POST /register', () => registry.register(createRegistrationBody('users', 3001))],
  ['POST /heartbeat/users', () => registry.http.post('/heartbeat/users')],
  ['DELETE /unregister/users', () => registry.http.delete('/unregister/users')],
] as const;

test.each(writes)('%s without the token is a 401 in the courses’ format', async (_name, call) => {
  const response = await call();
  expect(response.status).toBe(401);
  expect(response.body).toEqual({ success: false, error: expect.stringContaining('Authorization') });
});

describe.each(writes)('%s', (_name, call) => {
  test.each([
    ['a longer token', `Bearer ${TOKEN}x`],
    ['the beginning of it', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another of its length', `Bearer ${'x'.repeat(TOKEN.length)}`],
    ['another scheme', `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`],
    ['the bare token', TOKEN],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
  ])('with %s is a 401', async (_what, authorization) => {
    const response = await call().set('Authorization', authorization);
    expect(response.status).toBe(401);
    expect(JSON.stringify(response.body)).not.toContain(TOKEN);
  });
});

test.each(writes)('%s with the token works', async (_name, call) => {
  const response = await call().set('Authorization', `Bearer ${TOKEN}`);
  expect(response.status).toBe(200);
});

test('reading needs no token', async () => {
  await registry.http.get('/services').expect(200);
  await registry.http.get('/v1/health/service/users').expect(200);
});

test.each([
  ['none', {}],
  ['the one that everyone knows', { REGISTRY_TOKEN: 'plaza-development-registry-token' }],
])('in production a registry with %s as its token does not start', (_name, environment) => {
  expect(() => readConfig(config, { NODE_ENV: 'production', ...environment })).toThrow(/REGISTRY_TOKEN/);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

let users: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream((_request, response) => response.setHeader('Allow', 'GET, HEAD').end());
  gateway = await startGateway({
    USERS_SERVICE_URL: users.url,
    CORS_ORIGINS: 'https://shop.test, http://localhost:5173',
    RATE_LIMIT_ANONYMOUS: '3/1h',
  });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

const preflight = (origin: string, through = gateway) =>
  request(through.url).options('/api/users/1').set({
    Origin: origin,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'authorization,content-type',
  });

describe('a preflight', () => {
  test.each(['https://shop.test', 'http://localhost:5173'])(
    'from %s is answered here, needs no token and counts for no limit',
    async (origin) => {
      for (let times = 0; times < 5; times += 1) {
        const response = await preflight(origin);
        expect(response.status).toBe(200);
        expect(response.get('Access-Control-Allow-Origin')).toBe(origin);
        expect(response.get('Access-Control-Allow-Methods')).toContain('PUT');
        expect(response.get('Access-Control-Allow-Headers')).toBe('authorization,content-type');
        expect(response.get('Access-Control-Max-Age')).toBe('600');
        expect(response.get('Vary')).toContain('Origin');
      }
      expect(users.requests).toEqual([]);
    },
  );

  test.each(['https://evil.test', 'null', 'https://shop.test.evil.test', 'http://shop.test'])(
    'from %s gets no permission',
    async (origin) => {
      expect((await preflight(origin)).get('Access-Control-Allow-Origin')).toBeUndefined();
    },
  );
});

test('OPTIONS that is no preflight is the service’s to answer', async () => {
  const response = await request(gateway.url).options('/api/users/1');
  expect(response.get('Allow')).toBe('GET, HEAD');
});

test('a refusal can be read by the page that caused it', async () => {
  const call = () => request(gateway.url).get('/api/users/1').set('Origin', 'https://shop.test');
  await Promise.all([call(), call(), call()]);
  const refused = await call();
  expect(refused.status).toBe(429);
  expect(refused.get('Access-Control-Allow-Origin')).toBe('https://shop.test');
  expect(refused.get('Access-Control-Expose-Headers')).toContain('Retry-After');
});

test('by default every page may call', async () => {
  const open = await startGateway({ USERS_SERVICE_URL: users.url });
  expect((await preflight('https://any.test', open)).get('Access-Control-Allow-Origin')).toBe('*');
  await open.stop();
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startService, type ServiceProcess } from '@plaza/local-stack/testing';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const signer = createSigner('k1');
let users: TestUpstream;

beforeAll(async () => {
  users = await startUpstream(serveJwks(signer));
});

afterAll(() => users.close());

describe('a gateway', () => {
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ USERS_SERVICE_URL: users.url });
  });

  afterAll(() => gateway.stop());

  test('logs a line for the request and one for its response, which knows who answered', async () => {
    await request(gateway.url).get('/api/users/7?x=1').set('User-Agent', 'jest');
    const about = { method: 'GET', url: '/api/users/7?x=1', ip: '127.0.0.1', userAgent: 'jest' };
    await eventually(() => {
      const lines = gateway.lines.filter(
        ({ event }) => event === 'request_received' || event === 'response_sent',
      );
      expect(lines.slice(-2)).toEqual([
        { level: 'info', event: 'request_received', message: 'request', fields: about },
        {
          level: 'info',
          event: 'response_sent',
          message: 'response',
          fields: { ...about, status: 200, durationMs: expect.any(Number), upstream: users.url },
        },
      ]);
    });
  });

  test('counts requests by the name of their route', async () => {
    await request(gateway.url).get('/api/users/123456');
    await request(gateway.url).get('/api/posts/123456');
    await eventually(async () => {
      const { text } = await request(gateway.url).get('/metrics');
      expect(text).toMatch(/duration_seconds_count\{.*method="GET",route="users",status_code="200".*\}/);
      expect(text).toMatch(/duration_seconds_count\{.*method="GET",route="posts",status_code="503".*\}/);
      expect(text).not.toContain('123456');
    });
  });

  test.each(['/health', '/health/live', '/health/ready'])(
    'answers %s while no service is there',
    async (path) => {
      const alone = await startGateway();
      await eventually(async () => {
        expect((await request(alone.url).get(path)).status).toBe(200);
      });
      await alone.stop();
    },
  );
});

describe('the process', () => {
  let gateway: ServiceProcess;

  beforeAll(async () => {
    gateway = await startService('api-gateway', {
      USERS_SERVICE_URL: users.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      RATE_LIMIT_USER: 'off',
      LOG_FORMAT: 'json',
    });
  });

  const lines = async (requestId: string) =>
    (await gateway.logs())
      .filter((line) => line.startsWith('{'))
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter((line) => line['requestId'] === requestId);

  test('writes both lines under the id of the request, the second with its user, and no token', async () => {
    const token = signer.token();
    await request(gateway.url)
      .get('/api/users/7')
      .set({ Authorization: `Bearer ${token}`, 'X-Request-Id': 'find-me' });
    await eventually(async () => {
      expect(await lines('find-me')).toMatchObject([
        { event: 'request_received', service: 'api-gateway' },
        { event: 'response_sent', status: 200, userId: 'u1', upstream: users.url },
      ]);
    });
    expect((await gateway.logs()).join('\n')).not.toContain(token.slice(-40));
  });

  test('finishes what it has begun when it is told to stop', async () => {
    const held = Promise.withResolvers<void>();
    const slow = await startUpstream((_request, response) => {
      held.resolve();
      setTimeout(() => response.end('late'), 300);
    });
    const stopping = await startService('api-gateway', {
      USERS_SERVICE_URL: slow.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      DRAIN_MS: '0',
    });
    const answer = fetch(`${stopping.url}/api/users/1`);
    await held.promise;
    const [response] = await Promise.all([answer, stopping.stop()]);
    expect(await response.text()).toBe('late');
    await slow.close();
  });
});

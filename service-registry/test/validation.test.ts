import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url, MOST_INSTANCES: '2' });
});
afterAll(() => registry.stop());

const good = createRegistrationBody('good', 3001);

describe('POST /register', () => {
  test.each([
    ['no name', { serviceName: undefined }, 'serviceName'],
    ['an empty name', { serviceName: '' }, 'serviceName'],
    ['a long name', { serviceName: 'x'.repeat(64) }, 'serviceName'],
    ['a name with a slash', { serviceName: 'a/b' }, 'serviceName'],
    ['a name with a line break', { serviceName: 'a\nb' }, 'serviceName'],
    ['a name that is a number', { serviceName: 1 }, 'serviceName'],
    ['an operator for a name', { serviceName: { $ne: null } }, 'serviceName'],
    ['no URL', { serviceUrl: undefined }, 'serviceUrl'],
    ['a URL that is none', { serviceUrl: 'localhost' }, 'serviceUrl'],
    ['a URL of another scheme', { serviceUrl: 'file:///etc/passwd' }, 'serviceUrl'],
    ['a URL with credentials', { serviceUrl: 'http://root:secret@localhost' }, 'serviceUrl'],
    ['a URL with a query', { serviceUrl: 'http://localhost/?a=b' }, 'serviceUrl'],
    ['a URL with a fragment', { serviceUrl: 'http://localhost/#a' }, 'serviceUrl'],
    ['a long URL', { serviceUrl: `http://localhost/${'x'.repeat(2_048)}` }, 'serviceUrl'],
    ['a health check of another scheme', { healthCheckUrl: 'javascript:alert(1)' }, 'healthCheckUrl'],
    ['an id with spaces', { instanceId: 'a b' }, 'instanceId'],
    ['a weight of nothing', { weight: 0 }, 'weight'],
    ['a weight that is no number', { weight: '5' }, 'weight'],
    ['a state that is none', { state: 'sleepy' }, 'state'],
    ['a lease too short to keep', { ttlMs: 10 }, 'ttlMs'],
    ['a tag that is empty', { tags: [''] }, 'tags.0'],
    ['a tag with a line break', { tags: ['a\nb'] }, 'tags.0'],
    ['too many tags', { tags: Array.from({ length: 65 }, (_, at) => `t${at}`) }, 'tags'],
    ['a health check with credentials', { healthCheckUrl: 'http://root:secret@localhost' }, 'healthCheckUrl'],
    ['metadata of another type', { metadata: { zone: 1 } }, 'metadata.zone'],
    ['metadata under a name of ours', { metadata: { url: 'x' } }, 'metadata'],
    ['a field that is none', { colour: 'red' }, 'colour'],
  ])('%s is a 400 with the field', async (_name, wrong, field) => {
    const { status, body } = await registry.register({ ...good, ...wrong });
    expect([status, body.success]).toEqual([400, false]);
    expect(body.error).toEqual(expect.stringContaining(field));
    expect(body.errors).toEqual([{ path: field, message: expect.any(String) }]);
  });

  test.each([
    ['broken JSON', '{"serviceName": ', 400],
    ['an empty body', '', 400],
    ['a prototype', '{"__proto__": {}}', 400],
    ['10 MB', `{"serviceName": "${'x'.repeat(10 * 1024 * 1024)}"}`, 413],
  ])('%s is an error in the courses’ format', async (_name, text, expected) => {
    const request = registry.http.post('/register').set('Content-Type', 'application/json');
    const { status, body } = await request.send(text);
    expect([status, body]).toMatchObject([expected, { success: false, error: expect.stringMatching(/ /) }]);
  });
});

test('a definition above 16,384 characters is a 400 in the courses’ format', async () => {
  const metadata = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 'x'.repeat(500)]));
  const response = await registry.register({ ...good, metadata });
  expect([response.status, response.body]).toEqual([
    400,
    { success: false, error: expect.stringContaining('16384 characters') },
  ]);
});

test('a wrong method is a 405 in the courses’ format', async () => {
  const response = await registry.http.get('/register');
  expect(response.status).toBe(405);
  expect(response.body).toEqual({ success: false, error: expect.stringContaining('POST') });
});

test('a heartbeat with another service in its body than in its path is a 400', async () => {
  const body = { serviceName: 'other' };
  const response = await registry.http.post('/heartbeat/good').send(body);
  expect([response.status, response.body.errors]).toMatchObject([400, [{ path: 'serviceName' }]]);
});

test.each(['wait=soon', 'wait=30', 'index=-1', 'index=x', 'passing=perhaps'])(
  'a health query with %s is a 400 in words, as text',
  async (query) => {
    const response = await registry.http.get(`/v1/health/service/good?${query}`);
    expect([response.status, response.type]).toEqual([400, 'text/plain']);
    expect(response.text).toContain(query.split('=')[0]);
  },
);

test('an instance above the maximum is a 503, and registered ones can renew', async () => {
  await registry.register(createRegistrationBody('full', 3001)).expect(200);
  await registry.register(createRegistrationBody('full', 3002)).expect(200);
  const refused = await registry.register(createRegistrationBody('full', 3003));
  expect([refused.status, refused.body.success]).toEqual([503, false]);
  await registry.register(createRegistrationBody('full', 3001)).expect(200);
});

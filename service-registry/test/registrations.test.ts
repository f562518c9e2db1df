import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, testRedis } from '@plaza/local-stack/testing';
import { createRegistrationBody, startRegistry, type TestRegistry } from './test-registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry({ REDIS_URL: (await testRedis()).url });
});
afterAll(() => registry.stop());

const list = async (name: string) => {
  const { body } = await registry.http.get('/services').expect(200);
  return body.services.filter((service: { name: string }) => service.name === name);
};

describe('POST /register', () => {
  test('answers in the courses’ format, and GET /services lists the instance', async () => {
    const body = {
      serviceName: 'users',
      serviceUrl: 'http://localhost:3001',
      healthCheckUrl: 'http://localhost:3001/health',
    };
    const before = Date.now();
    const response = await registry.register(body);
    expect([response.status, response.body]).toEqual([
      200,
      { success: true, message: 'Service users registered successfully' },
    ]);
    const answer = await registry.http.get('/services');
    expect(answer.body.success).toBe(true);
    const [service] = await list('users');
    expect(service).toMatchObject({
      name: 'users',
      url: 'http://localhost:3001',
      healthCheckUrl: 'http://localhost:3001/health',
    });
    expect(service.registeredAt).toBeGreaterThanOrEqual(before);
    expect(service.registeredAt).toBeLessThanOrEqual(Date.now());
    expect(service.lastHeartbeat).toBe(service.registeredAt);
  });

  test('from the same address again is the same instance', async () => {
    await registry.register(createRegistrationBody('again', 3001)).expect(200);
    await registry.register(createRegistrationBody('again', 3001, { version: '2.0.0' })).expect(200);
    expect(await list('again')).toMatchObject([{ version: '2.0.0' }]);
  });

  test('from another address is another instance', async () => {
    await registry.register(createRegistrationBody('twice', 3001)).expect(200);
    await registry.register(createRegistrationBody('twice', 3002)).expect(200);
    expect((await list('twice')).map(({ url }: { url: string }) => url)).toEqual([
      'http://localhost:3001',
      'http://localhost:3002',
    ]);
  });

  test('accepts the optional fields', async () => {
    const more = {
      instanceId: 'b-1',
      version: '1.2.3',
      weight: 9,
      tags: ['primary', 'eu-1'],
      metadata: { zone: 'eu' },
      state: 'draining',
    };
    await registry.register(createRegistrationBody('more', 3001, more)).expect(200);
    expect(await list('more')).toMatchObject([more]);
  });
});

describe('POST /heartbeat/:serviceName', () => {
  test('answers in the courses’ format and changes only lastHeartbeat', async () => {
    await registry.register(createRegistrationBody('beating', 3001)).expect(200);
    const [before] = await list('beating');
    const after = await eventually(async () => {
      const response = await registry.http.post('/heartbeat/beating');
      expect([response.status, response.body]).toEqual([200, { success: true }]);
      const [beaten] = await list('beating');
      expect(beaten.lastHeartbeat).toBeGreaterThan(before.lastHeartbeat);
      return beaten;
    });
    expect({ ...after, lastHeartbeat: 0 }).toEqual({ ...before, lastHeartbeat: 0 });
  });

  test('of an unknown service is a 404 in the courses’ format', async () => {
    const response = await registry.http.post('/heartbeat/nobody');
    expect([response.status, response.body]).toEqual([404, { success: false, error: 'Service not found' }]);
  });

  test('of a service with several instances needs an id or a URL', async () => {
    await registry.register(createRegistrationBody('several', 3001)).expect(200);
    await registry.register(createRegistrationBody('several', 3002)).expect(200);
    const ambiguous = await registry.http.post('/heartbeat/several');
    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body).toEqual({
      success: false,
      error:
        'several has 2 instances: say which one by instanceId or serviceUrl (localhost:3001, localhost:3002).',
    });
    await registry.http.post('/heartbeat/several').send({ instanceId: 'localhost:3001' }).expect(200);
    await registry.http.post('/heartbeat/several').send({ serviceUrl: 'http://localhost:3002/' }).expect(200);
    await registry.http.post('/heartbeat/several').send({ instanceId: 'localhost:3003' }).expect(404);
  });

  test('with the data of a registration registers an unknown instance', async () => {
    const body = { instanceId: 'u-1', serviceUrl: 'http://localhost:3001', weight: 4 };
    await registry.http.post('/heartbeat/unknown').send(body).expect(200, { success: true });
    expect(await list('unknown')).toMatchObject([{ instanceId: 'u-1', weight: 4, state: 'up' }]);
  });

  test('can report the state draining', async () => {
    await registry.register(createRegistrationBody('leaving', 3001)).expect(200);
    await registry.http.post('/heartbeat/leaving').send({ state: 'draining' }).expect(200);
    expect(await list('leaving')).toMatchObject([{ state: 'draining' }]);
  });
});

describe('DELETE /unregister/:serviceName', () => {
  test('answers in the courses’ format, and the instance is gone', async () => {
    await registry.register(createRegistrationBody('gone', 3001)).expect(200);
    const response = await registry.http.delete('/unregister/gone');
    expect([response.status, response.body]).toEqual([
      200,
      { success: true, message: 'Service gone unregistered successfully' },
    ]);
    expect(await list('gone')).toEqual([]);
    await registry.http.post('/heartbeat/gone').expect(404);
  });

  test('of an unknown service is a 404 in the courses’ format', async () => {
    const response = await registry.http.delete('/unregister/nobody');
    expect([response.status, response.body]).toEqual([404, { success: false, error: 'Service not found' }]);
  });

  test('removes one of several instances, and leaves the others', async () => {
    await registry.register(createRegistrationBody('pair', 3001)).expect(200);
    await registry.register(createRegistrationBody('pair', 3002)).expect(200);
    await registry.http.delete('/unregister/pair').expect(409);
    await registry.http.delete('/unregister/pair?serviceUrl=http://localhost:3001').expect(200);
    expect(await list('pair')).toMatchObject([{ url: 'http://localhost:3002' }]);
  });
});

import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { exampleApp } from './example-app.ts';

const { app, chassis, lines } = exampleApp();
const post = (body: string | object, type = 'application/json') =>
  request(app).post('/things').set('Content-Type', type).send(body);

describe('a problem', () => {
  test('has the fields of RFC 9457 and those of the course', async () => {
    const response = await post({ name: 'taken' }).set('X-Request-Id', 'my-request');
    expect(response.status).toBe(409);
    expect(response.type).toBe('application/problem+json');
    expect(JSON.parse(response.text)).toEqual({
      type: 'urn:plaza:error:name_taken',
      title: 'Name taken',
      status: 409,
      detail: '"taken" is taken',
      instance: '/things',
      requestId: 'my-request',
      code: 'name_taken',
      error: 'Name taken',
      message: '"taken" is taken',
      errors: [{ path: 'name', message: 'is taken' }],
    });
  });

  test('names every field that is wrong', async () => {
    const response = await post({ name: 1, size: { height: 'tall' }, colour: 'red' });
    expect(response.status).toBe(400);
    expect(response.body.errors.map((error: { path: string }) => error.path)).toEqual([
      'name',
      'size.height',
      'colour',
    ]);
  });

  test('says nothing of the inside when something breaks', async () => {
    const response = await request(app).get('/things/broken');
    expect(response.status).toBe(500);
    expect(response.text).not.toContain('a secret of the inside');
    expect(lines.find((line) => line.level === 'error')?.fields['error']).toMatchObject({
      message: 'a secret of the inside',
    });
  });

  test('is a 503 with Retry-After when a dependency is away', async () => {
    const response = await request(app).get('/things/away');
    expect(response.status).toBe(503);
    expect(response.get('Retry-After')).toBe('2');
    expect(response.body.message).toBe('The storage is away; try again in a moment.');
    const why = { reason: 'dependency_down', dependency: 'storage' };
    expect(response.body).toMatchObject(why);
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: 'response_sent',
        fields: expect.objectContaining({ status: 503, ...why }),
      }),
    );
    const { values } = await chassis.metrics.unavailable.get();
    expect(values).toEqual([{ labels: { code: 'unavailable', ...why }, value: 1 }]);
    expect(lines.filter((line) => line.level === 'warn')).toEqual([
      {
        level: 'warn',
        event: 'request_refused',
        message: expect.any(String),
        fields: {
          code: 'unavailable',
          detail: 'The storage is away; try again in a moment.',
          reason: 'storage: gone',
        },
      },
    ]);
  });
});

describe('bad input', () => {
  test.each([
    ['broken JSON', '{"name": ', 400, 'malformed_request'],
    ['no object', '"text"', 400, 'malformed_request'],
    ['an empty body', '', 400, 'validation_failed'],
    ['an empty object', '{}', 400, 'validation_failed'],
    ['an array', '[]', 400, 'validation_failed'],
    ['a prototype', '{"name": "ok", "__proto__": {"admin": true}}', 400, 'malformed_request'],
    ['a prototype further in', '{"name": "ok", "size": {"__proto__": 1}}', 400, 'malformed_request'],
    [
      'a prototype spelt otherwise',
      '{"name": "ok", "size": [{"\\u005f_proto__": 1}]}',
      400,
      'malformed_request',
    ],
    ['an operator', '{"name": {"$ne": null}}', 400, 'validation_failed'],
    ['too much of it', `{"name": "${'x'.repeat(200_000)}"}`, 413, 'payload_too_large'],
  ])('%s is answered in words', async (_name, body, status, code) => {
    const response = await post(body);
    expect([response.status, response.body.code]).toEqual([status, code]);
    expect(response.body.message).toBeTruthy();
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'a body of %s is a 415',
    async (type) => {
      expect((await post('name=x', type)).status).toBe(415);
    },
  );

  test('an unknown encoding is a 415', async () => {
    expect((await post('{}').set('Content-Encoding', 'lzma')).status).toBe(415);
  });

  test('an unknown query parameter is a 400 that names it', async () => {
    const response = await request(app).get('/things/1?sort=up');
    expect(response.body.errors).toEqual([{ path: 'query.sort', message: 'is not a field here' }]);
  });

  test('a broken escape in the path is a 400', async () => {
    expect((await request(app).get('/things/%zz')).status).toBe(400);
  });

  test('an unknown path is a 404', async () => {
    const response = await request(app).get('/nowhere');
    expect([response.status, response.body.code]).toEqual([404, 'route_not_found']);
  });

  test('a wrong method is a 405 with Allow', async () => {
    const response = await request(app).put('/things/1').send({});
    expect(response.status).toBe(405);
    expect(response.get('Allow')).toBe('GET, DELETE, HEAD, OPTIONS');
  });
});

describe('an answer', () => {
  test('has the status, the body and the headers of the reply', async () => {
    const response = await post({ name: 'ok' });
    expect([response.status, response.body, response.get('Location')]).toEqual([
      201,
      { id: '1', name: 'ok' },
      '/things/1',
    ]);
  });

  test('without a body has none', async () => {
    const response = await request(app).delete('/things/1');
    expect([response.status, response.text]).toEqual([204, '']);
  });

  test('to OPTIONS names the methods', async () => {
    expect((await request(app).options('/things')).get('Allow')).toBe('POST, OPTIONS');
  });

  test('that its schema does not allow is found out of production', async () => {
    expect((await request(app).get('/things/lying')).status).toBe(500);
  });

  test('is not held against its schema in production', async () => {
    const { app: production } = exampleApp({ environment: { NODE_ENV: 'production' } });
    expect((await request(production).get('/things/lying')).status).toBe(200);
  });

  test('carries helmet’s headers and not the name of the framework', async () => {
    const response = await request(app).get('/things/1');
    expect(response.get('X-Content-Type-Options')).toBe('nosniff');
    expect(response.get('X-Powered-By')).toBeUndefined();
  });
});

describe('the request id', () => {
  test('that came with the request is kept', async () => {
    expect((await request(app).get('/things/1').set('X-Request-Id', 'abc-123')).get('X-Request-Id')).toBe(
      'abc-123',
    );
  });

  test.each(['', 'x'.repeat(129), 'two words', '<script>'])('is made where it came as %j', async (id) => {
    expect((await request(app).get('/things/1').set('X-Request-Id', id)).get('X-Request-Id')).toMatch(
      /^[\da-f-]{36}$/,
    );
  });
});

describe('the access log', () => {
  test('has a line for the request and one for its response', async () => {
    const { app: own, lines: written } = exampleApp();
    await request(own).get('/things/7?limit=2').set('User-Agent', 'jest');
    const about = { method: 'GET', url: '/things/7?limit=2', ip: expect.any(String), userAgent: 'jest' };
    expect(written.filter((line) => line.level === 'info')).toEqual([
      { level: 'info', event: 'request_received', message: 'request', fields: about },
      {
        level: 'info',
        event: 'response_sent',
        message: 'response',
        fields: { ...about, status: 200, durationMs: expect.any(Number) },
      },
    ]);
  });

  test('has what a handler adds to the second line', async () => {
    const { app: own, lines: written } = exampleApp({
      middleware: [
        (_request, response, next) => {
          response.locals['log'] = { upstream: 'http://10.0.0.7:3001' };
          next();
        },
      ],
    });
    await request(own).get('/things/7');
    expect(written.map(({ event, fields }) => [event, fields['upstream']])).toEqual([
      ['request_received', undefined],
      ['response_sent', 'http://10.0.0.7:3001'],
    ]);
  });

  test('does not mention health checks, whatever they say', async () => {
    const { app: own, chassis, lines: written } = exampleApp();
    await request(own).get('/health/ready').expect(503);
    chassis.health.setNotReady(undefined);
    await request(own).get('/health/ready').expect(200);
    expect(written.filter((line) => line.level === 'info')).toEqual([]);
  });
});

describe('metrics', () => {
  test('count requests by the pattern of the route and never by the path', async () => {
    const { app: own } = exampleApp();
    await request(own).get('/things/123456');
    await request(own).get('/nowhere/123456');
    const { text } = await request(own).get('/metrics');
    expect(text).toMatch(
      /duration_seconds_count\{.*method="GET",route="\/things\/:id",status_code="200".*\} 1/,
    );
    expect(text).toMatch(/duration_seconds_count\{.*route="unmatched",status_code="404".*\} 1/);
    expect(text).not.toContain('123456');
  });

  test('have those of the process', async () => {
    expect((await request(app).get('/metrics')).text).toContain('process_cpu_seconds_total');
  });
});

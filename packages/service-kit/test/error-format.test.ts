import { describe, expect, test } from '@jest/globals';
import {
  baseConfig,
  createChassis,
  createHttpApp,
  readConfig,
  route,
  type ErrorFormat,
} from '@plaza/service-kit';
import request from 'supertest';
import { z } from 'zod';

const shouted: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  serialize: ({ message }) => message.toUpperCase(),
};
const thing = {
  path: '/things',
  summary: 'A thing',
  tag: 'things',
  auth: 'none',
  responses: { 204: null },
} as const;
const input = { body: z.strictObject({ name: z.string() }).optional() };
const quietLines: string[] = [];

const app = createHttpApp({
  service: createChassis(readConfig(z.object(baseConfig(0, 'example')), { NODE_ENV: 'test' }), {
    error: () => undefined,
    warn: () => undefined,
    info: (_message, fields) => quietLines.push(JSON.stringify(fields)),
    debug: () => undefined,
  }),
  quietPaths: /^\/things/,
  routes: [
    route({ ...thing, method: 'post', input, errorFormat: shouted, handle: () => ({ status: 204 }) }),
    route({ ...thing, method: 'put', input, handle: () => ({ status: 204 }) }),
  ],
});

describe('a route with an error format of its own', () => {
  test('answers bad input in it', async () => {
    const response = await request(app).post('/things').send({ name: 1 });
    expect([response.status, response.type]).toEqual([400, 'text/plain']);
    expect(response.text).toMatch(/^NAME: /);
  });

  test('answers a body that does not parse in it', async () => {
    const response = await request(app).post('/things').set('Content-Type', 'application/json').send('{');
    expect([response.status, response.type]).toEqual([400, 'text/plain']);
  });

  test('answers a wrong method in it', async () => {
    const response = await request(app).get('/things');
    expect([response.status, response.type]).toEqual([405, 'text/plain']);
  });

  test('leaves another route of the same path with problem details', async () => {
    const response = await request(app).put('/things').send({ name: 1 });
    expect([response.status, response.type]).toEqual([400, 'application/problem+json']);
  });

  test('is documented with it', async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body.paths['/things'].post.responses['400'].content).toEqual({
      'text/plain': { schema: { type: 'string' } },
    });
  });
});

test('a body that may be left out is documented so, and accepted', async () => {
  const { body } = await request(app).get('/openapi.json');
  expect(body.paths['/things'].post.requestBody.required).toBe(false);
  expect((await request(app).post('/things')).status).toBe(204);
});

test('a quiet path leaves no line, unless it fails', async () => {
  quietLines.length = 0;
  await request(app).post('/things');
  expect(quietLines).toEqual([]);
  await request(app).get('/things');
  expect(quietLines).toEqual([expect.stringContaining('405')]);
});

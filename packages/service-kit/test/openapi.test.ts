import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { exampleApp } from './example-app.ts';

const { app } = exampleApp();

describe('GET /openapi.json', () => {
  test('is made from the schemas that check the input', async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const operation = body.paths['/things'].post;
    const schema = operation.requestBody.content['application/json'].schema;
    expect(schema).toMatchObject({
      properties: { name: { type: 'string', minLength: 2 } },
      required: ['name'],
    });
    expect(operation.responses['201'].content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/Thing',
    });
  });

  test('has the errors of the domain by their status', async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body.paths['/things'].post.responses['409']).toMatchObject({
      description: 'Name taken',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  });

  test('says where a token is needed', async () => {
    const { body } = await request(app).get('/openapi.json');
    expect(body.paths['/me'].get.security).toEqual([{ bearer: [] }]);
    expect(body.paths['/anyone'].get.security).toEqual([{}, { bearer: [] }]);
    expect(body.paths['/things'].post.security).toBeUndefined();
  });
});

test('GET /docs is a page of local files only', async () => {
  const page = await request(app).get('/docs/');
  expect(page.status).toBe(200);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources) {
    expect(source).not.toMatch(/^(https?:)?\/\//);
    expect((await request(app).get(new URL(source, 'http://x/docs/').pathname)).status).toBe(200);
  }
});

import { describe, expect, test } from '@jest/globals';
import { Forbidden, Unauthorized } from '@plaza/errors';
import { createBodyReader, route, type ErrorFormat, type SerializedReply } from '@plaza/service-kit';
import request from 'supertest';
import { z } from 'zod';
import { exampleApp } from './example-app.ts';

const plain: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  serialize: ({ message }) => message,
  challenge: 'Basic realm="example"',
};
const common = { tag: 'foreign', summary: 'A call', auth: 'none', errorFormat: plain } as const;
const seen = z.object({ body: z.unknown() });
const input = { body: z.unknown() };

const unlabelled = route({
  ...common,
  method: 'put',
  path: '/unlabelled',
  input,
  bodyReader: createBodyReader({ assumeJson: true }),
  responses: { 200: seen },
  handle: ({ body }) => ({ status: 200, body: { body } }),
});

const either = route({
  ...common,
  method: 'post',
  path: '/either',
  input,
  bodyReader: createBodyReader({ text: ['application/xml', 'text/xml'] }),
  responses: { 200: seen },
  handle: ({ body }) => ({ status: 200, body: { body } }),
});

const replies: Record<string, SerializedReply> = {
  xml: { status: 200, contentType: 'application/xml', content: '<a/>' },
  kept: { status: 200, contentType: 'application/json', content: '{"body":1}' },
  wrong: { status: 200, contentType: 'application/json', content: '[]' },
  'wrong-bytes': { status: 200, contentType: 'application/json', content: Buffer.from('[]') },
};

const serialized = route({
  ...common,
  method: 'get',
  path: '/serialized/:which',
  input: { params: z.object({ which: z.string() }) },
  responses: { 200: seen },
  produces: ['application/json', 'application/xml'],
  handle: ({ params }) => replies[params.which] ?? { status: 200, body: { body: null } },
});

const keyed = route({
  ...common,
  auth: 'required',
  errors: [Unauthorized, Forbidden],
  method: 'get',
  path: '/keyed',
  responses: { 204: null },
  authenticate: async (request) => {
    if (request.get('x-key') === undefined) throw new Unauthorized('Send a key.');
    if (request.get('x-key') !== 'key') throw new Forbidden('Not this one.');
    return { kind: 'service', name: 'keyed', scopes: new Set() };
  },
  handle: () => ({ status: 204 }),
});

const { app } = exampleApp({ routes: [unlabelled, either, serialized, keyed] });

describe('a body reader', () => {
  test.each(['application/x-www-form-urlencoded', 'application/json', 'text/plain'])(
    'that assumes JSON reads it from a body said to be %s',
    async (type) => {
      const response = await request(app).put('/unlabelled').set('Content-Type', type).send('{"a":1}');
      expect([response.status, response.body]).toEqual([200, { body: { a: 1 } }]);
    },
  );

  test('that assumes JSON reads it from a body that says nothing of its type, and takes none for none', async () => {
    const unsaid = request(app).put('/unlabelled').set('Content-Type', '').unset('Content-Type');
    expect((await unsaid.send(Buffer.from('{"a":1}'))).body).toEqual({ body: { a: 1 } });
    expect((await request(app).put('/unlabelled')).body).toEqual({});
  });

  test('leaves text as it is, parses JSON, and refuses what is neither', async () => {
    const send = (type: string, text: string) =>
      request(app).post('/either').set('Content-Type', type).send(text);
    expect((await send('text/xml', '<a>é</a>')).body).toEqual({ body: '<a>é</a>' });
    expect((await send('application/json', '{"a":1}')).body).toEqual({ body: { a: 1 } });
    const refused = await send('text/csv', 'a');
    expect([refused.status, refused.text]).toEqual([
      415,
      'Send the body as application/json or application/xml or text/xml, not as text/csv.',
    ]);
    expect((await send('text/xml', 'x'.repeat(200_000))).status).toBe(413);
  });
});

describe('a serialized answer', () => {
  test('goes out as it is', async () => {
    const response = await request(app).get('/serialized/xml');
    expect([response.type, response.text]).toEqual(['application/xml', '<a/>']);
    expect((await request(app).get('/serialized/kept')).body).toEqual({ body: 1 });
  });

  test('is held against its schema where it is JSON', async () => {
    expect((await request(app).get('/serialized/wrong')).status).toBe(500);
    expect((await request(app).get('/serialized/wrong-bytes')).status).toBe(500);
  });

  test('is documented in all its types', async () => {
    const { body } = await request(app).get('/openapi.json');
    const content = body.paths['/serialized/{which}'].get.responses['200'].content;
    expect(Object.keys(content)).toEqual(['application/json', 'application/xml']);
    expect(Object.keys(body.paths['/either'].post.requestBody.content)).toEqual([
      'application/json',
      'application/xml',
      'text/xml',
    ]);
  });
});

test('a route may have a way of its own to say who asks', async () => {
  const missing = await request(app).get('/keyed');
  expect([missing.status, missing.get('WWW-Authenticate')]).toEqual([401, 'Basic realm="example"']);
  expect((await request(app).get('/keyed').set('X-Key', 'other')).status).toBe(403);
  expect((await request(app).get('/keyed').set('X-Key', 'key')).status).toBe(204);
  const { body } = await request(app).get('/openapi.json');
  expect(Object.keys(body.paths['/keyed'].get.responses)).toEqual(['204', '401', '403', '500']);
});

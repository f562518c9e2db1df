import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'users-service', version: '1.0.0' },
  paths: {
    '/users': { post: {} },
    '/users/{id}': { get: {} },
    '/auth/login': { post: {} },
    '/usersfoo': { get: {} },
    '/internal': { get: {} },
  },
  components: { schemas: { User: {} } },
};

let users: TestUpstream;
let posts: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream((_request, response) => response.end(JSON.stringify(DOCUMENT)));
  posts = await startUpstream((_request, response) => response.end('no document'));
  gateway = await startGateway({ USERS_SERVICE_URL: users.url, POSTS_SERVICE_URL: posts.url });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([users.close(), posts.close()]);
});

test('a service’s document has the paths that one asks for here, and no others', async () => {
  const { body } = await request(gateway.url).get('/openapi/users-service.json');
  expect(Object.keys(body.paths)).toEqual(['/api/users', '/api/users/{id}', '/api/auth/login']);
  expect(body).toMatchObject({ components: DOCUMENT.components, servers: [{ url: '/' }] });
});

test.each([
  ['orders-service', 503, 'no_instance'],
  ['posts-service', 502, 'bad_gateway'],
  ['nobody', 404, 'unknown_service'],
  ['constructor', 404, 'unknown_service'],
])('the document of %s is a %d in words', async (name, status, code) => {
  const response = await request(gateway.url).get(`/openapi/${name}.json`);
  expect([response.status, response.body.code]).toEqual([status, code]);
});

test('/docs lists the services beside the gateway', async () => {
  expect((await request(gateway.url).get('/docs/')).text).toContain('swagger-ui');
  const { text } = await request(gateway.url).get('/docs/swagger-initializer.js');
  for (const url of ['../openapi/users-service.json', '../openapi/orders-service.json', '../openapi.json'])
    expect(text).toContain(url);
});

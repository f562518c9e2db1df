import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestServiceClient } from '@plaza/service-client/testing';
import { createServiceTokens, withContext } from '@plaza/service-kit';
import { createPostsClient } from '../src/clients/posts.client.ts';
import { toProductId } from '../src/domain/order-line.ts';
import { offerResponse, startStubServices, type StubResponse, type StubServices } from './stub-services.ts';

let stubServices: StubServices;
beforeAll(async () => {
  stubServices = await startStubServices();
  stubServices.respondTo('lamp', offerResponse('lamp', 1250));
});
afterAll(() => stubServices.close());
beforeEach(() => {
  stubServices.respondToAll();
  stubServices.requests.length = 0;
});

const tokens = createServiceTokens('orders-service', 'a secret of the tests');
/** A port without a listener. */
const UNREACHABLE = 'http://127.0.0.1:9';

function client(urls: readonly string[] = [stubServices.url]) {
  const options = { serviceTokens: tokens, timeoutMs: 300, breaker: { failureThreshold: 3 } };
  return createPostsClient(createTestServiceClient('posts-service', urls, options));
}

const lamp = toProductId('lamp');

describe('an offer', () => {
  test('comes with its title, its price and its seller', async () => {
    expect(await client().findListing(lamp)).toEqual({
      kind: 'offer',
      title: 'Title of lamp',
      price: { amount: 1250, currency: 'EUR' },
      sellerId: 'seller',
    });
  });

  test('is asked for as this service, under the id of the request', async () => {
    await withContext({ requestId: 'r-1', traceparent: '00-1-2-01' }, () => client().findListing(lamp));
    const [recordedRequest] = stubServices.requests;
    expect(recordedRequest?.headers).toMatchObject({ 'x-request-id': 'r-1', traceparent: '00-1-2-01' });
    const token = recordedRequest?.headers.authorization?.replace('Bearer ', '') ?? '';
    expect(await tokens.verify(token)).toMatchObject({ kind: 'service', name: 'orders-service' });
  });

  test('stays within the path, whatever its id', async () => {
    await client().findListing(toProductId('../users/1?x=#y'));
    expect(stubServices.requests[0]?.url).toBe('/posts/..%2Fusers%2F1%3Fx%3D%23y');
  });
});

test.each<[string, StubResponse, string]>([
  ['a 404', { status: 404, body: {} }, 'unknown'],
  ['a 400', { status: 400, body: {} }, 'unknown'],
  ['a draft', offerResponse('x', 1, { status: 'draft' }), 'not-for-sale'],
  ['a post that is no offer', offerResponse('x', 1, { offer: undefined }), 'not-for-sale'],
])('%s is %s, and no outage', async (_, stubResponse, kind) => {
  stubServices.respondToAll(stubResponse);
  const posts = client();
  for (let n = 0; n < 5; n += 1) expect(await posts.findListing(lamp)).toEqual({ kind });
});

describe.each<[string, StubResponse]>([
  ['slow', 'silence'],
  ['gone in the middle of it', 'hang up'],
  ['broken', { status: 500, body: { error: 'x' } }],
  ['not accepting our token', { status: 401, body: {} }],
  ['redirecting', { status: 302, body: {} }],
  ['lying: no post', { status: 200, body: { hello: 'world' } }],
  ['lying: a price that is none', offerResponse('x', -1)],
  ['lying: half a cent', offerResponse('x', 0.5)],
  ['lying: a page', { status: 200, body: '<html>' }],
])('a posts service that is %s', (_, stubResponse) => {
  test('is an outage in words, with a time to come back', async () => {
    stubServices.respondToAll(stubResponse);
    await expect(client().findListing(lamp)).rejects.toMatchObject({
      code: 'catalogue_unavailable',
      message: expect.stringContaining('nothing was ordered'),
      details: { retryAfter: 2 },
    });
  });
});

describe('an instance that does not answer', () => {
  test('costs a second call at another one', async () => {
    expect(await client([UNREACHABLE, stubServices.url]).findListing(lamp)).toMatchObject({ kind: 'offer' });
  });

  test('is an outage where it is the only one', async () => {
    await expect(client([UNREACHABLE]).findListing(lamp)).rejects.toMatchObject({
      code: 'catalogue_unavailable',
    });
  });
});

test('no instance at all is an outage', async () => {
  await expect(client([]).findListing(lamp)).rejects.toMatchObject({ code: 'catalogue_unavailable' });
});

test('after several failures in a row no call is made for a while', async () => {
  const posts = client();
  stubServices.respondToAll({ status: 500, body: {} });
  for (let n = 0; n < 3; n += 1) await posts.findListing(lamp).catch(() => undefined);
  stubServices.respondToAll();
  await expect(posts.findListing(lamp)).rejects.toMatchObject({
    code: 'catalogue_unavailable',
    details: { retryAfter: 10 },
  });
  expect(stubServices.requests).toHaveLength(3);
});

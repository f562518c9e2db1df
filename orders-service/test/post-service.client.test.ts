import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serviceAt } from '@plaza/discovery/testing';
import { createServiceTokens, withContext } from '@plaza/service-kit';
import { createPostServiceClient } from '../src/clients/post-service.client.ts';
import { postId } from '../src/domain/line.ts';
import { offer, startNeighbours, type Answer, type Neighbours } from './neighbours.ts';

let neighbours: Neighbours;
beforeAll(async () => {
  neighbours = await startNeighbours();
  neighbours.post('lamp', offer('lamp', 1250));
});
afterAll(() => neighbours.close());
beforeEach(() => {
  neighbours.always();
  neighbours.asked.length = 0;
});

const tokens = createServiceTokens('orders-service', 'a secret of the tests');
/** A port on which nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

function client(urls: readonly string[] = [neighbours.url]) {
  const options = { serviceTokens: tokens, timeoutMs: 300, breaker: { failureThreshold: 3 } };
  return createPostServiceClient(serviceAt('posts-service', urls, options));
}

const lamp = postId('lamp');

describe('an offer', () => {
  test('comes with its title, its price and its seller', async () => {
    expect(await client().find(lamp)).toEqual({
      kind: 'offer',
      title: 'Title of lamp',
      price: { amount: 1250, currency: 'EUR' },
      sellerId: 'seller',
    });
  });

  test('is asked for as this service, under the id of the request', async () => {
    await withContext({ requestId: 'r-1', traceparent: '00-1-2-01' }, () => client().find(lamp));
    const [asked] = neighbours.asked;
    expect(asked?.headers).toMatchObject({ 'x-request-id': 'r-1', traceparent: '00-1-2-01' });
    const token = asked?.headers.authorization?.replace('Bearer ', '') ?? '';
    expect(await tokens.verify(token)).toMatchObject({ kind: 'service', name: 'orders-service' });
  });

  test('stays within the path, whatever its id', async () => {
    await client().find(postId('../users/1?x=#y'));
    expect(neighbours.asked[0]?.url).toBe('/posts/..%2Fusers%2F1%3Fx%3D%23y');
  });
});

test.each<[string, Answer, string]>([
  ['a 404', { status: 404, body: {} }, 'unknown'],
  ['a 400', { status: 400, body: {} }, 'unknown'],
  ['a draft', offer('x', 1, { status: 'draft' }), 'not-for-sale'],
  ['a post that is no offer', offer('x', 1, { offer: undefined }), 'not-for-sale'],
])('%s is %s, and no outage', async (_, answer, kind) => {
  neighbours.always(answer);
  const posts = client();
  for (let n = 0; n < 5; n += 1) expect(await posts.find(lamp)).toEqual({ kind });
});

describe.each<[string, Answer]>([
  ['slow', 'silence'],
  ['gone in the middle of it', 'hang up'],
  ['broken', { status: 500, body: { error: 'x' } }],
  ['taking us for somebody else', { status: 401, body: {} }],
  ['redirecting', { status: 302, body: {} }],
  ['lying: no post', { status: 200, body: { hello: 'world' } }],
  ['lying: a price that is none', offer('x', -1)],
  ['lying: half a cent', offer('x', 0.5)],
  ['lying: a page', { status: 200, body: '<html>' }],
])('a posts service that is %s', (_, answer) => {
  test('is an outage in words, with a time to come back', async () => {
    neighbours.always(answer);
    await expect(client().find(lamp)).rejects.toMatchObject({
      code: 'catalogue_unavailable',
      message: expect.stringContaining('nothing was ordered'),
      details: { retryAfter: 2 },
    });
  });
});

describe('an instance that nobody answers at', () => {
  test('costs a second call at another one', async () => {
    expect(await client([NOBODY, neighbours.url]).find(lamp)).toMatchObject({ kind: 'offer' });
  });

  test('is an outage where it is the only one', async () => {
    await expect(client([NOBODY]).find(lamp)).rejects.toMatchObject({ code: 'catalogue_unavailable' });
  });
});

test('no instance at all is an outage', async () => {
  await expect(client([]).find(lamp)).rejects.toMatchObject({ code: 'catalogue_unavailable' });
});

test('after several failures in a row no call is made for a while', async () => {
  const posts = client();
  neighbours.always({ status: 500, body: {} });
  for (let n = 0; n < 3; n += 1) await posts.find(lamp).catch(() => undefined);
  neighbours.always();
  await expect(posts.find(lamp)).rejects.toMatchObject({
    code: 'catalogue_unavailable',
    details: { retryAfter: 10 },
  });
  expect(neighbours.asked).toHaveLength(3);
});

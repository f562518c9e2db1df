import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createContractTokens, anyText, describeContract, eachLike, integer } from '@plaza/contracts';
import { createTestServiceClient } from '@plaza/service-client/testing';
import { createPostsClient } from '../../src/clients/posts.client.ts';
import { toProductId } from '../../src/domain/order-line.ts';
import { stockConsumer } from '../../src/events/stock.consumer.ts';
import { openDomain, type Domain } from './domain.ts';

const tokens = createContractTokens('orders-service');
const headers = { Authorization: `Bearer ${await tokens.issue()}` };

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

const find = (url: string) =>
  createPostsClient(createTestServiceClient('posts-service', [url], { serviceTokens: tokens })).findListing(
    toProductId('lamp'),
  );

describeContract({ consumer: 'OrdersService', provider: 'PostsService' }, (contract) => {
  describe('GET /posts/lamp', () => {
    const price = { amount: integer(1250), currency: anyText('EUR', /[A-Z]{3}/) };
    const lamp = { title: anyText('Lamp'), status: 'published', authorId: anyText('123') };
    const asked = (state: string, by: string) =>
      contract
        .httpInteraction()
        .given(state)
        .uponReceiving(by)
        .withRequest('GET', '/posts/lamp', (request) => request.headers(headers));

    test('answers title, price and seller of an offer', () =>
      asked('the post lamp is an offer', 'a service that asks for the price of an offer')
        .willRespondWith(200, (response) => response.jsonBody({ ...lamp, offer: { price } }))
        .executeTest(async ({ url }) => {
          expect(await find(url)).toEqual({
            kind: 'offer',
            title: 'Lamp',
            price: { amount: 1250, currency: 'EUR' },
            sellerId: '123',
          });
        }));

    test('answers a post that is not for sale', () =>
      asked('the post lamp is no offer', 'a service that asks for the price of a mere post')
        .willRespondWith(200, (response) => response.jsonBody(lamp))
        .executeTest(async ({ url }) => {
          expect(await find(url)).toEqual({ kind: 'not-for-sale' });
        }));

    test('answers a draft as such, to a service', () =>
      asked('the post lamp is the draft of an offer', 'a service that asks for the price of a draft')
        .willRespondWith(200, (response) => response.jsonBody({ ...lamp, status: 'draft', offer: { price } }))
        .executeTest(async ({ url }) => {
          expect(await find(url)).toEqual({ kind: 'not-for-sale' });
        }));

    test('says that it knows no such post', () =>
      asked('there is no post lamp', 'a service that asks for the price of nothing')
        .willRespondWith(404)
        .executeTest(async ({ url }) => {
          expect(await find(url)).toEqual({ kind: 'unknown' });
        }));
  });

  describe('what happens to stock', () => {
    const consumer = () => stockConsumer(domain.saga);

    test('stock.reserved lets the order be paid and confirmed', async () => {
      const id = await domain.place('kept');
      await contract.eventInteraction(consumer(), 'stock.reserved', { orderId: anyText(id) }, async () => {
        expect(await domain.orders.findById(id)).toMatchObject({ status: 'confirmed' });
      });
    });

    test('stock.rejected tells why, and what is missing', async () => {
      const id = await domain.place('refused');
      const items = eachLike({ postId: anyText('lamp'), wanted: integer(2), left: integer(1) });
      const data = { orderId: anyText(id), reason: anyText('out_of_stock'), items };
      await contract.eventInteraction(consumer(), 'stock.rejected', data, async () => {
        const order = await domain.orders.findById(id);
        expect(order).toMatchObject({ status: 'rejected', reason: 'out_of_stock' });
        expect(order?.timeline).toContainEqual(
          expect.objectContaining({ event: 'stock.rejected', detail: 'Lamp: 2 wanted, 1 left' }),
        );
      });
    });

    test('stock.released ends a wait for it', async () => {
      const id = await domain.place('given-back');
      await domain.saga.cancel(id, 'cancelled_by_buyer');
      await contract.eventInteraction(consumer(), 'stock.released', { orderId: anyText(id) }, async () => {
        expect(await domain.orders.findById(id)).toMatchObject({ stock: 'released' });
      });
    });
  });
});

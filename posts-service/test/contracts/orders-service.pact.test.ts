import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyText, describeContract, eachLike, integer } from '@plaza/contracts';
import { toAuthorId } from '../../src/domain/author.ts';
import { toReservationOrderId, type ReservationOrderId } from '../../src/domain/reservation.ts';
import { orderConsumer } from '../../src/events/order.consumer.ts';
import { bicycle } from '../fixture.ts';
import { openDomain, type Domain } from './domain.ts';

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

const seller = { kind: 'user', userId: toAuthorId('seller'), admin: false } as const;
const consumer = () => orderConsumer(domain.reservations);
const statusOf = async (order: ReservationOrderId) =>
  (await domain.reservationStore.findByOrder(order))?.status;

/** An order that holds one piece of a post. */
async function reserved(id: string): Promise<ReservationOrderId> {
  const post = await domain.posts.create(seller, { ...bicycle, status: 'published' });
  await domain.reservations.reserve(toReservationOrderId(id), [{ postId: post.id, quantity: 1 }]);
  return toReservationOrderId(id);
}

describeContract({ consumer: 'PostsService', provider: 'OrdersService' }, (contract) => {
  test('order.created asks for the stock', async () => {
    const items = eachLike({ postId: anyText('gone'), quantity: integer(1) });
    await contract.eventInteraction(
      consumer(),
      'order.created',
      { orderId: anyText('placed'), items },
      async () => {
        expect(await domain.reservationStore.findByOrder(toReservationOrderId('placed'))).toMatchObject({
          status: 'rejected',
          refusal: { reason: 'not_for_sale', shortages: [{ postId: 'gone', wanted: 1, left: 0 }] },
        });
      },
    );
  });

  test.each([
    ['order.confirmed', 'says that it is sold', 'consumed'],
    ['order.rejected', 'gives it back', 'released'],
    ['order.cancelled', 'gives it back', 'released'],
  ])('%s %s', async (type, _, status) => {
    const id = await reserved(type);
    await contract.eventInteraction(consumer(), type, { orderId: anyText(id) }, async () => {
      expect(await statusOf(id)).toBe(status);
    });
  });
});

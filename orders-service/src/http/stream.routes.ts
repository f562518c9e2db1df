import { eventStream, route, type Route, type ServerSentEvent } from '@plaza/service-kit';
import { z } from 'zod';
import type { OrderFeed } from '../domain/order-feed.ts';
import { OrderNotFound, TooManyStreams } from '../domain/order.errors.ts';
import { isOver, type Order } from '../domain/order.ts';
import type { OrdersService } from '../domain/orders.service.ts';
import { requireVisible } from './access.ts';
import { orderParams, showStep, stepView } from './order.schemas.ts';

export function streamRoutes(orders: OrdersService, feed: OrderFeed): Route[] {
  return [streamSteps(orders, feed)];
}

/** A step's id is its place in the timeline, from 1. What else a client sends is no place: it gets all. */
const resumeHeader = z.object({
  'last-event-id': z.coerce
    .number()
    .int()
    .min(0)
    .catch(0)
    .default(0)
    .meta({ description: 'The id of the last step that you have; sent by browsers that lost the stream' }),
});

const streamSteps = (orders: OrdersService, feed: OrderFeed) =>
  route({
    method: 'get',
    path: '/orders/:id/stream',
    summary: 'The steps of an order as they happen, until its end; 204 for a client that has them all',
    tag: 'orders',
    auth: 'required',
    input: { params: orderParams, headers: resumeHeader },
    answers: { 200: eventStream(stepView), 204: null },
    errors: [OrderNotFound, TooManyStreams],
    handle: async ({ params, headers: { 'last-event-id': last }, caller }) => {
      const order = await orders.get(params.id);
      requireVisible(order, caller);
      if (isOver(order) && last >= order.timeline.length) return { status: 204 }; // a browser stays away then
      return { status: 200, stream: (gone) => stepsAfter(last, feed.follow(order.id, gone)) };
    },
  });

async function* stepsAfter(last: number, versions: AsyncIterable<Order>): AsyncGenerator<ServerSentEvent> {
  let sent = last;
  for await (const { timeline } of versions) {
    for (const [index, step] of timeline.entries()) {
      if (index >= sent) yield { id: index + 1, event: step.event, data: showStep(step) };
    }
    sent = Math.max(sent, timeline.length);
  }
}

import { eventStream, route, type HttpRoute, type ServerSentEvent } from '@plaza/service-kit';
import { z } from 'zod';
import type { OrderStream } from '../domain/order-stream.ts';
import { OrderNotFound, TooManyStreams } from '../domain/order.errors.ts';
import { isTerminal } from '../domain/order-transitions.ts';
import type { Order } from '../domain/order.ts';
import type { OrdersService } from '../domain/orders.service.ts';
import { requireCanView } from './authorization.ts';
import { orderParams, toTimelineEntryView, timelineEntryView } from './order.schemas.ts';

export function orderStreamRoutes(orders: OrdersService, orderStream: OrderStream): HttpRoute[] {
  return [streamOrder(orders, orderStream)];
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

const streamOrder = (orders: OrdersService, orderStream: OrderStream) =>
  route({
    method: 'get',
    path: '/orders/:id/stream',
    summary: 'The steps of an order as they happen, until its end; 204 for a client that has them all',
    tag: 'orders',
    auth: 'required',
    input: { params: orderParams, headers: resumeHeader },
    responses: { 200: eventStream(timelineEntryView), 204: null },
    errors: [OrderNotFound, TooManyStreams],
    handle: async ({ params, headers: { 'last-event-id': last }, caller }) => {
      const order = await orders.get(params.id);
      requireCanView(order, caller);
      if (isTerminal(order) && last >= order.timeline.length) return { status: 204 }; // a browser stays away then
      return {
        status: 200,
        stream: (gone) => timelineEventsAfter(last, orderStream.subscribe(order.id, gone)),
      };
    },
  });

async function* timelineEventsAfter(
  last: number,
  versions: AsyncIterable<Order>,
): AsyncGenerator<ServerSentEvent> {
  let sent = last;
  for await (const { timeline } of versions) {
    for (const [index, step] of timeline.entries()) {
      if (index >= sent) yield { id: index + 1, event: step.event, data: toTimelineEntryView(step) };
    }
    sent = Math.max(sent, timeline.length);
  }
}

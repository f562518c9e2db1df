import { afterAll, beforeAll } from '@jest/globals';
import { describeProvider, drainOutbox } from '@plaza/contracts';
import { newOrderId } from '../../src/data/order.model.ts';
import { orderEvents } from '../../src/events/order.events.contract.ts';
import { openDomain, type Domain } from './domain.ts';

let domain: Domain;
beforeAll(async () => {
  domain = await openDomain();
});
afterAll(() => domain.close());

const told = () => drainOutbox(domain.outbox, orderEvents);
const placed = () => domain.place(newOrderId());
const waiting = new AbortController().signal;

describeProvider('OrdersService', () => ({
  events: {
    'order.created': async () => {
      await placed();
      return told();
    },
    'order.confirmed': async () => {
      await domain.saga.onStockReserved(await placed(), waiting);
      return told();
    },
    'order.rejected': async () => {
      const id = await placed();
      await domain.saga.onStockRejected(id, { reason: 'out_of_stock', items: [] });
      return told();
    },
    'order.cancelled': async () => {
      await domain.saga.cancel(await placed(), 'cancelled_by_buyer');
      return told();
    },
  },
}));

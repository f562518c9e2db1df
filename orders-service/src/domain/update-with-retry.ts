import { updateWithRetry, type Change } from '@plaza/domain';
import { OrderChanged, OrderNotFound } from './order.errors.ts';
import type { OrderEvent } from './order.events.ts';
import type { OrderRepository } from './order.repository.ts';
import type { Order } from './order.ts';

/** @throws {OrderNotFound}, {OrderChanged} after eight conflicts with other writers, and what `decide` throws. */
export function updateOrderWithRetry(
  orders: OrderRepository,
  id: string,
  decide: (order: Order) => Change<Order, OrderEvent>,
): Promise<Order> {
  return updateWithRetry({
    load: async () => {
      const order = await orders.findById(id);
      if (order === null) throw new OrderNotFound();
      return order;
    },
    decide,
    save: (change) => orders.save(change),
    createConflictError: () => new OrderChanged(),
  });
}

import type { Change } from '@plaza/domain';
import { OrderChanged, OrderNotFound } from './order.errors.ts';
import type { OrderEvent } from './order.events.ts';
import type { OrderRepository } from './order.repository.ts';
import type { Order } from './order.ts';

/** How often a change is decided anew because another came first. */
const MAX_ATTEMPTS = 8;

/**
 * Reads an order, decides, and saves; reads and decides again where another writer was first.
 * @throws {OrderNotFound}, {OrderChanged} after 8 decisions, and what `decide` throws.
 */
export async function updateOrderWithRetry(
  orders: OrderRepository,
  id: string,
  decide: (order: Order) => Change<Order, OrderEvent>,
): Promise<Order> {
  for (let decisions = 0; decisions < MAX_ATTEMPTS; decisions += 1) {
    const order = await orders.findById(id);
    if (order === null) throw new OrderNotFound();
    const change = decide(order);
    if (change.state === order || (await orders.save(change))) return change.state;
  }
  throw new OrderChanged();
}

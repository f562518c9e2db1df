import { AccountDeleted } from './buyer.errors.ts';
import type { BuyerRepository } from './buyer.repository.ts';
import type { UserId } from './buyer.ts';
import type { Order } from './order.ts';

/** What we know of users by our own copy of them. */
export interface BuyersService {
  /** @throws {AccountDeleted} */
  requireAlive(id: UserId): Promise<void>;
  /** Undefined where we have not heard of the user yet. */
  nameOf(id: UserId): Promise<string | undefined>;
  /** The orders with their buyers called as they are called now. */
  named(orders: readonly Order[]): Promise<Order[]>;
}

export function createBuyersService(buyers: BuyerRepository): BuyersService {
  return {
    requireAlive: async (id) => {
      if (await buyers.isGone(id)) throw new AccountDeleted();
    },

    nameOf: async (id) => (await buyers.names([id])).get(id),

    named: async (orders) => {
      const ids = new Set(orders.flatMap(({ buyer }) => buyer?.userId ?? []));
      if (ids.size === 0) return [...orders];
      const names = await buyers.names([...ids]);
      return orders.map((order) => withName(order, names));
    },
  };
}

function withName(order: Order, names: ReadonlyMap<UserId, string>): Order {
  const { buyer } = order;
  const name = buyer === null ? undefined : names.get(buyer.userId);
  return buyer === null || name === undefined ? order : { ...order, buyer: { ...buyer, name } };
}

import { AccountDeleted } from './buyer.errors.ts';
import type { BuyerRepository } from './buyer.repository.ts';
import type { UserId } from './buyer.ts';
import type { Order } from './order.ts';

/** What we know of users by our own copy of them. */
export interface BuyersService {
  /** The user's name; undefined where we have not heard of them yet. @throws {AccountDeleted} */
  requireAlive(id: UserId): Promise<string | undefined>;
  /** The orders with their buyers called as they are called now. */
  named(orders: readonly Order[]): Promise<Order[]>;
}

export function createBuyersService(buyers: BuyerRepository): BuyersService {
  return {
    requireAlive: async (id) => {
      const known = await buyers.find(id);
      if (known?.gone === true) throw new AccountDeleted();
      return known?.name;
    },

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

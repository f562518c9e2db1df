import { BuyerAccountDeleted } from './buyer.errors.ts';
import type { BuyerRepository } from './buyer.repository.ts';
import type { BuyerId } from './buyer.ts';
import type { Order } from './order.ts';

/** What we know of users by our own copy of them. */
export interface BuyersService {
  /** The user's name; undefined where we have not heard of them yet. @throws {BuyerAccountDeleted} */
  requireActive(id: BuyerId): Promise<string | undefined>;
  /** The orders with their buyers called as they are called now. */
  withCurrentNames(orders: readonly Order[]): Promise<Order[]>;
}

export function createBuyersService(buyers: BuyerRepository): BuyersService {
  return {
    requireActive: async (id) => {
      const known = await buyers.findById(id);
      if (known?.gone === true) throw new BuyerAccountDeleted();
      return known?.name;
    },

    withCurrentNames: async (orders) => {
      const ids = new Set(orders.flatMap(({ buyer }) => buyer?.userId ?? []));
      if (ids.size === 0) return [...orders];
      const names = await buyers.findNames([...ids]);
      return orders.map((order) => withName(order, names));
    },
  };
}

function withName(order: Order, names: ReadonlyMap<BuyerId, string>): Order {
  const { buyer } = order;
  const name = buyer === null ? undefined : names.get(buyer.userId);
  return buyer === null || name === undefined ? order : { ...order, buyer: { ...buyer, name } };
}

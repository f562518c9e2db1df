import { openBus } from './bus.ts';
import { eventually, openDatabase, person, startOrders, testStores, type Options } from './fixture.ts';
import { offer, startNeighbours } from './neighbours.ts';

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly userId: string | null;
  readonly buyer: { readonly id: string; readonly name: string } | null;
  readonly timeline: readonly { readonly event: string; readonly status: string; readonly detail?: string }[];
}

/** The orders service with everything around it; whoever plays the other services speaks by the bus. */
export async function openMarket(options: Omit<Options, 'neighbours' | 'stores'> = {}) {
  const stores = await testStores();
  const neighbours = await startNeighbours();
  neighbours.post('lamp', offer('lamp', 1250));
  const bus = await openBus(stores.RABBITMQ_URL);
  const orders = await startOrders({ neighbours, stores, ...options });
  const database = await openDatabase(stores);
  const admin = await person(neighbours, 'user admin');

  return {
    stores,
    neighbours,
    bus,
    orders,
    database,
    person: () => person(neighbours),
    /** Another replica. */
    replica: (more: Omit<Options, 'neighbours' | 'stores'> = options) =>
      startOrders({ neighbours, stores, ...more }),
    place: async ({ headers }: { headers: Record<string, string> }, token = 'tok_ok'): Promise<string> => {
      const body = { items: [{ postId: 'lamp', quantity: 2 }], payment: { token } };
      return (await orders.http.post('/orders').set(headers).send(body).expect(202)).body.id;
    },
    read: async (id: string): Promise<Shown> =>
      (await orders.http.get(`/orders/${id}`).set(admin.headers).expect(200)).body,
    close: async () => {
      await orders.stop();
      await Promise.all([bus.close(), database.close(), neighbours.close()]);
    },
  };
}

export type Market = Awaited<ReturnType<typeof openMarket>>;

export const steps = ({ timeline }: Shown) => timeline.map(({ event }) => event);

/** The order once all that is expected of it holds. */
export function untilOrder(market: Market, id: string, expectation: (order: Shown) => void): Promise<Shown> {
  return eventually(async () => {
    const order = await market.read(id);
    expectation(order);
    return order;
  });
}

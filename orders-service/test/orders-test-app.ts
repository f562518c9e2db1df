import { openFakeEventBus } from './fake-event-bus.ts';
import {
  eventually,
  openDatabase,
  createTestUser,
  startOrders,
  testStores,
  type StartOrdersOptions,
} from './fixture.ts';
import { offerResponse, startStubServices } from './stub-services.ts';

export interface OrderResponse {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly userId: string | null;
  readonly buyer: { readonly id: string; readonly name: string } | null;
  readonly timeline: readonly { readonly event: string; readonly status: string; readonly detail?: string }[];
}

/** The orders service with its servers; tests act as the other services through the bus. */
export async function openOrdersTestApp(options: Omit<StartOrdersOptions, 'stubServices' | 'stores'> = {}) {
  const stores = await testStores();
  const stubServices = await startStubServices();
  stubServices.respondTo('lamp', offerResponse('lamp', 1250));
  const bus = await openFakeEventBus(stores.RABBITMQ_URL);
  const orders = await startOrders({ stubServices, stores, ...options });
  const database = await openDatabase(stores);
  const admin = await createTestUser(stubServices, 'user admin');

  return {
    stores,
    stubServices,
    bus,
    orders,
    database,
    person: () => createTestUser(stubServices),
    /** Another replica. */
    replica: (more: Omit<StartOrdersOptions, 'stubServices' | 'stores'> = options) =>
      startOrders({ stubServices, stores, ...more }),
    place: async ({ headers }: { headers: Record<string, string> }, token = 'tok_ok'): Promise<string> => {
      const body = { items: [{ postId: 'lamp', quantity: 2 }], payment: { token } };
      return (await orders.http.post('/orders').set(headers).send(body).expect(202)).body.id;
    },
    read: async (id: string): Promise<OrderResponse> =>
      (await orders.http.get(`/orders/${id}`).set(admin.headers).expect(200)).body,
    close: async () => {
      await orders.stop();
      await Promise.all([bus.close(), database.close(), stubServices.close()]);
    },
  };
}

export type OrdersTestApp = Awaited<ReturnType<typeof openOrdersTestApp>>;

export const timelineEvents = ({ timeline }: OrderResponse) => timeline.map(({ event }) => event);

/** The order once all that is expected of it holds. */
export function waitForOrder(
  testApp: OrdersTestApp,
  id: string,
  expectation: (order: OrderResponse) => void,
): Promise<OrderResponse> {
  return eventually(async () => {
    const order = await testApp.read(id);
    expectation(order);
    return order;
  });
}

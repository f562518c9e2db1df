import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFakePaymentProvider } from '../src/clients/fake-payment-provider.ts';
import { newOrderId } from '../src/data/order.model.ts';
import { createBuyersService } from '../src/domain/buyers.service.ts';
import { toBuyerId } from '../src/domain/buyer.ts';
import { CartEmpty } from '../src/domain/cart.errors.ts';
import { createCartsService } from '../src/domain/carts.service.ts';
import type { ProductCatalog } from '../src/domain/product-catalog.ts';
import { createAccountDeletionService } from '../src/domain/account-deletion.service.ts';
import { toProductId } from '../src/domain/order-line.ts';
import { createOrdersService } from '../src/domain/orders.service.ts';
import { toOrderId } from '../src/domain/order.ts';
import { createOrderSagaService } from '../src/domain/order-saga.service.ts';
import { InjectedCrash, withCrashInjection, type WriteBudget } from './crash-injection.ts';
import { openTestStores, type TestStores } from './test-stores.ts';

/** A request to the service, repeated after each crash until it succeeds. */
type Operation = (service: ReturnType<typeof startProcess>) => Promise<unknown>;

const now = () => new Date();
const calm = new AbortController().signal;
const log = { warn: () => undefined };
const productCatalog: ProductCatalog = {
  findListing: async () => ({
    kind: 'offer',
    title: 'Lamp',
    price: { amount: 1250, currency: 'EUR' },
    sellerId: toBuyerId('seller'),
  }),
};

let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());

/** A process on the stores that all share; it dies when its life is over. */
function startProcess(life: WriteBudget) {
  const orders = withCrashInjection(stores.orders, ['add', 'save'], life);
  const cartStore = withCrashInjection(stores.carts, ['save', 'remove'], life);
  const idempotencyKeys = withCrashInjection(stores.idempotencyKeys, ['acquire', 'removeByUser'], life);
  const buyerCopies = withCrashInjection(stores.buyers, ['markDeleted', 'completeErasure'], life);
  const payments = createFakePaymentProvider({
    ledger: withCrashInjection(stores.ledger, ['insertIfAbsent', 'markRefunded'], life),
    newPaymentId: () => 'pay1',
    delay: async () => undefined,
  });
  const buyers = createBuyersService(buyerCopies);
  const carts = createCartsService({ carts: cartStore, productCatalog, buyers, newOrderId });
  const saga = createOrderSagaService({ orders, payments, log, now });
  return {
    carts,
    saga,
    payments,
    buyers: buyerCopies,
    ordersService: createOrdersService({
      orders,
      idempotencyKeys,
      carts,
      buyers,
      productCatalog,
      payments,
      newOrderId,
      now,
    }),
    accountDeletion: createAccountDeletionService({
      buyers: buyerCopies,
      orders,
      carts: cartStore,
      idempotencyKeys,
      saga,
      log,
      now,
    }),
  };
}

/** Runs all operations in order, each again by a new process where the one before died. Says whether one did. */
async function runUntilDone(operations: readonly Operation[], writes: number): Promise<boolean> {
  let died = false;
  let process = startProcess({ remaining: writes });
  for (let next = 0; next < operations.length;) {
    try {
      await operations[next]?.(process);
      next += 1;
    } catch (error) {
      if (!(error instanceof InjectedCrash)) throw error;
      died = true;
      process = startProcess({ remaining: Infinity });
    }
  }
  return died;
}

const ada = toBuyerId('ada');
const lamps = { postId: toProductId('lamp'), quantity: 2 };
const idempotency = { userId: ada, key: 'k', fingerprint: 'same' };
const request = { userId: ada, username: 'ada', paymentToken: 'tok_ok' };

const orders = () => stores.documents();
const only = async () => toOrderId((await orders())[0]?._id ?? 'none');

const order: Operation = ({ ordersService }) =>
  ordersService.placeOrder({ ...request, idempotency }, [lamps]);
const orderDeclined: Operation = ({ ordersService }) =>
  ordersService.placeOrder({ ...request, paymentToken: 'tok_declined', idempotency }, [lamps]);
const fillCart: Operation = ({ carts }) => carts.putItem(ada, lamps);
const checkout: Operation = ({ ordersService }) => ordersService.checkout({ ...request, idempotency });
/** A client without a response and without a key sees an empty cart. */
const checkoutWithoutKey: Operation = async ({ ordersService }) => {
  try {
    await ordersService.checkout(request);
  } catch (error) {
    if (!(error instanceof CartEmpty)) throw error;
  }
};
const reserve: Operation = async ({ saga }) => saga.onStockReserved(await only(), calm);
const release: Operation = async ({ saga }) => saga.onStockReleased(await only());
const cancel: Operation = async ({ saga }) => {
  const id = await only();
  await saga.cancel(id, 'cancelled_by_buyer');
  await saga.refundIfOwed(id); // as the reconciliation job does after a while
};
const deleteAccount: Operation = async ({ buyers, accountDeletion }) => {
  await buyers.markDeleted({ userId: ada, seq: 9 });
  await accountDeletion.eraseUserData(ada, calm);
};
/** Where a charge is stored by the provider, and not yet by the order. */
const chargeOnly: Operation = async ({ payments }) => {
  const id = await only();
  await stores.model.updateOne(
    { _id: id, 'payment.state': 'due' },
    { $set: { stock: 'reserved', payment: { state: 'charging', token: 'tok_ok' } } },
  );
  await payments.charge({ orderId: id, amount: { amount: 2500, currency: 'EUR' }, token: 'tok_ok' }, calm);
};

interface Outcome {
  readonly status: string;
  readonly payment: string;
  readonly ledger: string | undefined;
  readonly events: readonly string[];
}

const CONFIRMED: Outcome = {
  status: 'confirmed',
  payment: 'processed',
  ledger: 'processed',
  events: ['order.created', 'payment.processed', 'order.confirmed'],
};

const stories: [string, Operation[], Outcome][] = [
  ['an order that is paid', [order, reserve, reserve], CONFIRMED],
  ['a checkout', [fillCart, checkout, reserve], CONFIRMED],
  ['a checkout without a key', [fillCart, checkoutWithoutKey, reserve], CONFIRMED],
  [
    'an order whose payment is declined',
    [orderDeclined, reserve, release],
    {
      status: 'rejected',
      payment: 'failed',
      ledger: 'failed',
      events: ['order.created', 'payment.failed', 'order.rejected'],
    },
  ],
  [
    'an order that is cancelled before anything',
    [order, cancel, reserve, release],
    {
      status: 'cancelled',
      payment: 'none',
      ledger: undefined,
      events: ['order.created', 'order.cancelled'],
    },
  ],
  [
    'an order that is cancelled after the charge',
    [order, chargeOnly, cancel, reserve, release],
    {
      status: 'cancelled',
      payment: 'refunded',
      ledger: 'refunded',
      events: ['order.created', 'order.cancelled', 'payment.processed', 'payment.refunded'],
    },
  ],
  [
    'an account that goes after the charge',
    [order, chargeOnly, deleteAccount, reserve, release],
    {
      status: 'cancelled',
      payment: 'refunded',
      ledger: 'refunded',
      events: ['order.created', 'order.cancelled', 'payment.processed', 'payment.refunded'],
    },
  ],
  ['an account that goes after all', [order, reserve, deleteAccount], CONFIRMED],
];

async function outcome(): Promise<Outcome> {
  const [found, ...others] = await orders();
  if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} orders or none`);
  const { seq, outbox, status, payment } = found;
  const seqs = outbox.map((entry) => entry.seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(seqs.at(-1)).toBeLessThanOrEqual(seq);
  const entry = await stores.ledger.findByOrder(toOrderId(found._id));
  return {
    status,
    payment: payment.state,
    ledger: entry?.state,
    events: outbox.map(({ eventType }) => eventType),
  };
}

describe('a crash at any write', () => {
  test.each(stories)('of %s leads to the same end', async (_, operations, expected) => {
    let deaths = 0;
    for (let writes = 0; ; writes += 1) {
      await stores.empty();
      const died = await runUntilDone(operations, writes);
      expect(await outcome()).toEqual(expected);
      if (operations.includes(deleteAccount)) expect((await orders())[0]?.buyer).toBeNull();
      if (operations.includes(fillCart)) expect((await stores.carts.findByUser(ada))?.items).toEqual([]);
      if (!died) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
  });
});

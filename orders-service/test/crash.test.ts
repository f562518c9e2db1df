import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSandboxPayments } from '../src/clients/sandbox-payments.ts';
import { newOrderId } from '../src/data/order.model.ts';
import { createBuyersService } from '../src/domain/buyers.service.ts';
import { userId } from '../src/domain/buyer.ts';
import { CartEmpty } from '../src/domain/cart.errors.ts';
import { createCartsService } from '../src/domain/carts.service.ts';
import type { Catalogue } from '../src/domain/catalogue.ts';
import { createErasure } from '../src/domain/erasure.ts';
import { postId } from '../src/domain/line.ts';
import { createOrdersService } from '../src/domain/orders.service.ts';
import { orderId } from '../src/domain/order.ts';
import { createSaga } from '../src/domain/saga.service.ts';
import { Crash, mortal, type Life } from './mortal.ts';
import { openStores, type Kept } from './stores.ts';

/** What somebody asks of the service: again after each crash, until it has been done. */
type Deed = (service: ReturnType<typeof startProcess>) => Promise<unknown>;

const now = () => new Date();
const calm = new AbortController().signal;
const log = { warn: () => undefined };
const catalogue: Catalogue = {
  find: async () => ({
    kind: 'offer',
    title: 'Lamp',
    price: { amount: 1250, currency: 'EUR' },
    sellerId: userId('seller'),
  }),
};

let stores: Kept;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

/** A process on the stores that all share; it dies when its life is over. */
function startProcess(life: Life) {
  const orders = mortal(stores.orders, ['add', 'save'], life);
  const cartStore = mortal(stores.carts, ['save', 'remove'], life);
  const claims = mortal(stores.claims, ['claim', 'removeAllOf'], life);
  const buyerCopies = mortal(stores.buyers, ['bury', 'erased'], life);
  const payments = createSandboxPayments({
    ledger: mortal(stores.ledger, ['enter', 'refund'], life),
    newPaymentId: () => 'pay1',
    dawdle: async () => undefined,
  });
  const buyers = createBuyersService(buyerCopies);
  const carts = createCartsService({ carts: cartStore, catalogue, buyers, newOrderId });
  const saga = createSaga({ orders, payments, log, now });
  return {
    carts,
    saga,
    payments,
    buyers: buyerCopies,
    ordering: createOrdersService({ orders, claims, carts, buyers, catalogue, payments, newOrderId, now }),
    erasure: createErasure({ buyers: buyerCopies, orders, carts: cartStore, claims, saga, log, now }),
  };
}

/** Does all deeds in order, each again by a new process where the one before died. Says whether one did. */
async function live(deeds: readonly Deed[], writes: number): Promise<boolean> {
  let died = false;
  let process = startProcess({ left: writes });
  for (let next = 0; next < deeds.length;) {
    try {
      await deeds[next]?.(process);
      next += 1;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      died = true;
      process = startProcess({ left: Infinity });
    }
  }
  return died;
}

const ada = userId('ada');
const lamps = { postId: postId('lamp'), quantity: 2 };
const keyed = { userId: ada, key: 'k', fingerprint: 'same' };
const request = { userId: ada, username: 'ada', paymentToken: 'tok_ok' };

const orders = () => stores.documents();
const only = async () => orderId((await orders())[0]?._id ?? 'none');

const order: Deed = ({ ordering }) => ordering.order({ ...request, keyed }, [lamps]);
const orderDeclined: Deed = ({ ordering }) =>
  ordering.order({ ...request, paymentToken: 'tok_declined', keyed }, [lamps]);
const fillCart: Deed = ({ carts }) => carts.put(ada, lamps);
const checkout: Deed = ({ ordering }) => ordering.checkout({ ...request, keyed });
/** Whoever gets no answer, and has no key, sees an empty cart. */
const checkoutWithoutKey: Deed = async ({ ordering }) => {
  try {
    await ordering.checkout(request);
  } catch (error) {
    if (!(error instanceof CartEmpty)) throw error;
  }
};
const reserve: Deed = async ({ saga }) => saga.stockReserved(await only(), calm);
const release: Deed = async ({ saga }) => saga.stockReleased(await only());
const cancel: Deed = async ({ saga }) => {
  const id = await only();
  await saga.cancel(id, 'cancelled_by_buyer');
  await saga.settle(id); // as the sweep does after a while
};
const deleteAccount: Deed = async ({ buyers, erasure }) => {
  await buyers.bury({ userId: ada, seq: 9 });
  await erasure.erase(ada, calm);
};
/** Where a charge is stored by the provider, and not yet by the order. */
const chargeOnly: Deed = async ({ payments }) => {
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

const stories: [string, Deed[], Outcome][] = [
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
  const entry = await stores.ledger.find(orderId(found._id));
  return {
    status,
    payment: payment.state,
    ledger: entry?.state,
    events: outbox.map(({ eventType }) => eventType),
  };
}

describe('a crash at any write', () => {
  test.each(stories)('of %s leads to the same end', async (_, deeds, expected) => {
    let deaths = 0;
    for (let writes = 0; ; writes += 1) {
      await stores.empty();
      const died = await live(deeds, writes);
      expect(await outcome()).toEqual(expected);
      if (deeds.includes(deleteAccount)) expect((await orders())[0]?.buyer).toBeNull();
      if (deeds.includes(fillCart)) expect((await stores.carts.of(ada))?.items).toEqual([]);
      if (!died) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
  });
});

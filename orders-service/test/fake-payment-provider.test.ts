import type { LogEvent } from '@plaza/errors';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFakePaymentProvider } from '../src/clients/fake-payment-provider.ts';
import { newOrderId } from '../src/data/order.model.ts';
import { toBuyerId } from '../src/domain/buyer.ts';
import { toProductId } from '../src/domain/order-line.ts';
import { placeOrder } from '../src/domain/order.ts';
import type { PaymentProvider } from '../src/domain/payment.ts';
import { createOrderSagaService } from '../src/domain/order-saga.service.ts';
import { openTestStores, type TestStores } from './test-stores.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());

const calm = new AbortController().signal;
const amount = { amount: 2500, currency: 'EUR' };

/** The provider as one process has it; payments are numbered, and `meanwhile` happens during a slow one. */
function provider(meanwhile: () => Promise<unknown> = async () => undefined): PaymentProvider {
  let payments = 0;
  return createFakePaymentProvider({
    ledger: stores.ledger,
    newPaymentId: () => `pay${(payments += 1)}`,
    delay: async () => void (await meanwhile()),
  });
}

describe('the sandbox provider', () => {
  test.each([
    ['tok_ok', { outcome: 'processed', paymentId: 'pay1' }],
    ['tok_slow', { outcome: 'processed', paymentId: 'pay1' }],
    ['tok_declined', { outcome: 'failed', reason: 'payment_declined' }],
  ])('answers %s, and the same again in another process', async (token, outcome) => {
    const charge = { orderId: newOrderId(), amount, token };
    const first = provider();
    expect(await first.charge(charge, calm)).toEqual(outcome);
    expect(await first.charge(charge, calm)).toEqual(outcome);
    expect(await provider().charge(charge, calm)).toEqual(outcome);
  });

  test('takes money once, of however many that charge at once', async () => {
    const charge = { orderId: newOrderId(), amount, token: 'tok_ok' };
    const payments = provider();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => payments.charge(charge, calm)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  });

  test('gives money back once', async () => {
    const orderId = newOrderId();
    const payments = provider();
    await payments.charge({ orderId, amount, token: 'tok_ok' }, calm);
    const back = { outcome: 'refunded', paymentId: 'pay1' };
    expect(await payments.refund(orderId)).toEqual(back);
    expect(await payments.refund(orderId)).toEqual(back);
    expect(await payments.charge({ orderId, amount, token: 'tok_ok' }, calm)).toEqual({
      outcome: 'called-off',
    });
  });

  test('takes nothing once a refund was asked for, not even by a charge that is under way', async () => {
    const orderId = newOrderId();
    const payments: PaymentProvider = provider(async () => {
      expect(await payments.refund(orderId)).toEqual({ outcome: 'nothing' });
    });
    expect(await payments.charge({ orderId, amount, token: 'tok_slow' }, calm)).toEqual({
      outcome: 'called-off',
    });
    expect(await stores.ledger.findByOrder(orderId)).toEqual({ state: 'called-off' });
  });

  test('has nothing to give back of a payment that it declined', async () => {
    const orderId = newOrderId();
    await provider().charge({ orderId, amount, token: 'tok_declined' }, calm);
    expect(await provider().refund(orderId)).toEqual({ outcome: 'nothing' });
  });

  test('knows its tokens', () => {
    expect(['tok_ok', 'tok_slow', 'tok_declined', 'tok_stolen'].map(provider().accepts)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('an order that is cancelled while a provider is charging which cannot be asked for a refund', () => {
  test('is refunded as soon as the charge is known', async () => {
    const placed = placeOrder(
      {
        id: newOrderId(),
        buyer: { userId: toBuyerId('ada'), name: 'Ada' },
        items: [
          {
            postId: toProductId('lamp'),
            title: 'Lamp',
            quantity: 2,
            unitPrice: { amount: 1250, currency: 'EUR' },
          },
        ],
        paymentToken: 'tok_ok',
      },
      new Date(),
    );
    const { orders } = stores;
    const { id } = placed.state;
    await orders.add(placed);

    const warnings: string[] = [];
    const log = { warn: ({ event }: LogEvent) => void warnings.push(event) };
    const sandbox = provider();
    let refunds = 0;
    const payments: PaymentProvider = {
      ...sandbox,
      charge: async (charge, signal) => {
        const outcome = await sandbox.charge(charge, signal);
        await saga.cancel(id, 'cancelled_by_buyer');
        return outcome;
      },
      refund: async (orderId) => {
        refunds += 1;
        if (refunds === 1) throw new Error('the provider is away');
        return sandbox.refund(orderId);
      },
    };
    const saga = createOrderSagaService({ orders, payments, log, now: () => new Date() });
    await saga.onStockReserved(id, calm);

    expect(await orders.findById(id)).toMatchObject({
      status: 'cancelled',
      payment: { state: 'refunded', paymentId: 'pay1' },
    });
    expect(warnings).toEqual(['refund_deferred']);
  });
});

import { Forbidden } from '@plaza/errors';
import { route, type BodyReply, type Caller, type Route } from '@plaza/service-kit';
import { AccountDeleted } from '../domain/buyer.errors.ts';
import { CartChanged, CartEmpty } from '../domain/cart.errors.ts';
import { CatalogueUnavailable, NotForSale, OwnOffer, UnknownPost } from '../domain/catalogue.errors.ts';
import { IdempotencyKeyReused } from '../domain/idempotency.errors.ts';
import { fingerprintOf, type KeyedRequest } from '../domain/idempotency.ts';
import { QuantityTooLarge } from '../domain/line.errors.ts';
import { MixedCurrencies, TotalTooLarge } from '../domain/money.errors.ts';
import type { OrderRequest, OrdersService, Placed } from '../domain/orders.service.ts';
import { UnknownPaymentToken } from '../domain/payment.errors.ts';
import { buyerOf } from './access.ts';
import { checkoutBody, keyHeader, orderBody, orderView, showOrder } from './order.schemas.ts';

/** How orders come about. Both answer before stock and payment are known: the timeline tells the rest. */
export function placingRoutes(orders: OrdersService): Route[] {
  return [order(orders), checkout(orders)];
}

const REFUSALS = [
  Forbidden,
  AccountDeleted,
  IdempotencyKeyReused,
  UnknownPaymentToken,
  UnknownPost,
  NotForSale,
  OwnOffer,
  MixedCurrencies,
  TotalTooLarge,
  CatalogueUnavailable,
];

const order = (orders: OrdersService) =>
  route({
    method: 'post',
    path: '/orders',
    summary: 'Order posts at their current prices',
    tag: 'orders',
    auth: 'required',
    input: { headers: keyHeader, body: orderBody },
    answers: { 202: orderView },
    errors: [...REFUSALS, QuantityTooLarge],
    handle: async ({ headers, body, caller }) => {
      const request = requestOf(caller, 'POST /orders', headers, body);
      return accepted(await orders.order(request, body.items));
    },
  });

const checkout = (orders: OrdersService) =>
  route({
    method: 'post',
    path: '/checkout',
    summary: 'Order what is in the cart at its current prices, and empty it',
    tag: 'orders',
    auth: 'required',
    input: { headers: keyHeader, body: checkoutBody },
    answers: { 202: orderView },
    errors: [...REFUSALS, CartEmpty, CartChanged],
    handle: async ({ headers, body, caller }) =>
      accepted(await orders.checkout(requestOf(caller, 'POST /checkout', headers, body))),
  });

function requestOf(
  caller: Caller,
  operation: string,
  { 'idempotency-key': key }: { readonly 'idempotency-key'?: string | undefined },
  body: { readonly payment: { readonly token: string } },
): OrderRequest {
  const buyer = buyerOf(caller);
  const keyed: KeyedRequest | undefined =
    key === undefined
      ? undefined
      : { userId: buyer.userId, key, fingerprint: fingerprintOf(operation, body) };
  return { ...buyer, paymentToken: body.payment.token, keyed };
}

function accepted({ order, repeated }: Placed): BodyReply {
  return {
    status: 202,
    body: showOrder(order),
    headers: {
      Location: `orders/${order.id}`,
      ...(repeated ? { 'Idempotent-Replayed': 'true' } : {}),
    },
  };
}

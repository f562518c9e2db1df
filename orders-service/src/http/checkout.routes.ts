import { Forbidden } from '@plaza/errors';
import { route, type JsonReply, type Caller, type HttpRoute } from '@plaza/service-kit';
import { BuyerAccountDeleted } from '../domain/buyer.errors.ts';
import { CartChanged, CartEmpty } from '../domain/cart.errors.ts';
import { CatalogueUnavailable, NotForSale, OwnOffer, UnknownPost } from '../domain/product-catalog.errors.ts';
import { IdempotencyKeyReused } from '../domain/idempotency-key.errors.ts';
import { createFingerprint, type IdempotentRequest } from '../domain/idempotency-key.ts';
import { QuantityTooLarge } from '../domain/order-line.errors.ts';
import { MixedCurrencies, TotalTooLarge } from '../domain/money.errors.ts';
import type { PlaceOrderRequest, OrdersService, PlaceOrderResult } from '../domain/orders.service.ts';
import { UnknownPaymentToken } from '../domain/payment.errors.ts';
import { requireBuyer } from './authorization.ts';
import { checkoutBody, keyHeader, orderBody, orderView, toOrderView } from './order.schemas.ts';

/** How orders come about. Both answer before stock and payment are known: the timeline tells the rest. */
export function checkoutRoutes(orders: OrdersService): HttpRoute[] {
  return [placeOrder(orders), checkout(orders)];
}

const ORDER_ERRORS = [
  Forbidden,
  BuyerAccountDeleted,
  IdempotencyKeyReused,
  UnknownPaymentToken,
  UnknownPost,
  NotForSale,
  OwnOffer,
  MixedCurrencies,
  TotalTooLarge,
  CatalogueUnavailable,
];

const placeOrder = (orders: OrdersService) =>
  route({
    method: 'post',
    path: '/orders',
    summary: 'Order posts at their current prices',
    tag: 'orders',
    auth: 'required',
    input: { headers: keyHeader, body: orderBody },
    responses: { 202: orderView },
    errors: [...ORDER_ERRORS, QuantityTooLarge],
    handle: async ({ headers, body, caller }) => {
      const request = toPlaceOrderRequest(caller, 'POST /orders', headers, body);
      return toAcceptedReply(await orders.placeOrder(request, body.items));
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
    responses: { 202: orderView },
    errors: [...ORDER_ERRORS, CartEmpty, CartChanged],
    handle: async ({ headers, body, caller }) =>
      toAcceptedReply(await orders.checkout(toPlaceOrderRequest(caller, 'POST /checkout', headers, body))),
  });

function toPlaceOrderRequest(
  caller: Caller,
  operation: string,
  { 'idempotency-key': key }: { readonly 'idempotency-key'?: string | undefined },
  body: { readonly payment: { readonly token: string } },
): PlaceOrderRequest {
  const buyer = requireBuyer(caller);
  const idempotency: IdempotentRequest | undefined =
    key === undefined
      ? undefined
      : { userId: buyer.userId, key, fingerprint: createFingerprint(operation, body) };
  return { ...buyer, paymentToken: body.payment.token, idempotency };
}

function toAcceptedReply({ order, replayed }: PlaceOrderResult): JsonReply {
  return {
    status: 202,
    body: toOrderView(order),
    headers: {
      Location: `orders/${order.id}`,
      ...(replayed ? { 'Idempotent-Replayed': 'true' } : {}),
    },
  };
}

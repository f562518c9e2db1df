import { Forbidden } from '@plaza/errors';
import { decodeCursor, encodeCursor, pageQuery, route, type Page, type Route } from '@plaza/service-kit';
import type { z } from 'zod';
import { userId, type UserId } from '../domain/buyer.ts';
import { OrderChanged, OrderNotCancellable, OrderNotFound } from '../domain/order.errors.ts';
import type { OrdersService } from '../domain/orders.service.ts';
import type { Saga } from '../domain/saga.service.ts';
import { requireOwn, requireSelfOrAdmin, requireVisible, seenBy } from './access.ts';
import { buyerParams, cursor, orderPage, orderParams, orderView, showOrder } from './order.schemas.ts';

export function orderRoutes(orders: OrdersService, saga: Pick<Saga, 'cancel'>): Route[] {
  return [listOrders(orders), listOrdersOf(orders), getOrder(orders), cancelOrder(orders, saga)];
}

const listOrders = (orders: OrdersService) =>
  route({
    method: 'get',
    path: '/orders',
    summary: 'Your orders, newest first; for administrators, everybody’s',
    tag: 'orders',
    auth: 'required',
    input: { query: pageQuery },
    answers: { 200: orderPage },
    errors: [Forbidden],
    handle: async ({ query, caller }) => ({ status: 200, body: await page(orders, query, seenBy(caller)) }),
  });

const listOrdersOf = (orders: OrdersService) =>
  route({
    method: 'get',
    path: '/users/:id/orders',
    summary: 'The orders of one user, newest first; for themselves and administrators',
    tag: 'orders',
    auth: 'required',
    input: { params: buyerParams, query: pageQuery },
    answers: { 200: orderPage },
    errors: [Forbidden],
    handle: async ({ params, query, caller }) => {
      requireSelfOrAdmin(caller, params.id);
      return { status: 200, body: await page(orders, query, { userId: userId(params.id) }) };
    },
  });

const getOrder = (orders: OrdersService) =>
  route({
    method: 'get',
    path: '/orders/:id',
    summary: 'One order with its timeline',
    tag: 'orders',
    auth: 'required',
    input: { params: orderParams },
    answers: { 200: orderView },
    errors: [OrderNotFound],
    handle: async ({ params, caller }) => {
      const order = await orders.get(params.id);
      requireVisible(order, caller);
      return { status: 200, body: showOrder(order) };
    },
  });

const cancelOrder = (orders: OrdersService, saga: Pick<Saga, 'cancel'>) =>
  route({
    method: 'post',
    path: '/orders/:id/cancel',
    summary: 'Cancel a pending order; what was taken for it is refunded',
    tag: 'orders',
    auth: 'required',
    input: { params: orderParams },
    answers: { 200: orderView },
    errors: [OrderNotFound, OrderNotCancellable, OrderChanged],
    handle: async ({ params, caller }) => {
      const order = await orders.get(params.id);
      requireOwn(order, caller);
      const own = caller.kind === 'user' && caller.userId === order.buyer?.userId;
      await saga.cancel(order.id, own ? 'cancelled_by_buyer' : 'cancelled_by_admin');
      return { status: 200, body: showOrder(await orders.get(order.id)) };
    },
  });

async function page(
  orders: OrdersService,
  { limit, cursor: sent }: z.output<typeof pageQuery>,
  whose: { readonly userId?: UserId },
): Promise<Page<z.input<typeof orderView>>> {
  const after = sent === undefined ? undefined : decodeCursor(cursor, sent);
  const found = await orders.list({ ...whose, limit: limit + 1, after });
  const items = found.slice(0, limit);
  const last = found.length > items.length ? items.at(-1) : undefined;
  const next = last === undefined ? null : encodeCursor({ createdAt: last.createdAt, id: last.id });
  return { items: items.map(showOrder), next };
}

import { Forbidden } from '@plaza/errors';
import { decodeCursor, encodeCursor, pageQuery, route, type Page, type HttpRoute } from '@plaza/service-kit';
import type { z } from 'zod';
import { toBuyerId, type BuyerId } from '../domain/buyer.ts';
import { OrderChanged, OrderNotCancellable, OrderNotFound } from '../domain/order.errors.ts';
import type { OrdersService } from '../domain/orders.service.ts';
import type { OrderSagaService } from '../domain/order-saga.service.ts';
import {
  requireOwnerOrAdmin,
  requireSelfOrAdmin,
  requireCanView,
  visibleOrdersFilter,
} from './authorization.ts';
import { buyerParams, cursor, orderPage, orderParams, orderView, toOrderView } from './order.schemas.ts';

export function orderRoutes(orders: OrdersService, saga: Pick<OrderSagaService, 'cancel'>): HttpRoute[] {
  return [listOrders(orders), listUserOrders(orders), getOrder(orders), cancelOrder(orders, saga)];
}

const listOrders = (orders: OrdersService) =>
  route({
    method: 'get',
    path: '/orders',
    summary: 'Your orders, newest first; for administrators, the orders of all users',
    tag: 'orders',
    auth: 'required',
    input: { query: pageQuery },
    responses: { 200: orderPage },
    errors: [Forbidden],
    handle: async ({ query, caller }) => ({
      status: 200,
      body: await listOrderPage(orders, query, visibleOrdersFilter(caller)),
    }),
  });

const listUserOrders = (orders: OrdersService) =>
  route({
    method: 'get',
    path: '/users/:id/orders',
    summary: 'The orders of one user, newest first; for themselves and administrators',
    tag: 'orders',
    auth: 'required',
    input: { params: buyerParams, query: pageQuery },
    responses: { 200: orderPage },
    errors: [Forbidden],
    handle: async ({ params, query, caller }) => {
      requireSelfOrAdmin(caller, params.id);
      return { status: 200, body: await listOrderPage(orders, query, { userId: toBuyerId(params.id) }) };
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
    responses: { 200: orderView },
    errors: [OrderNotFound],
    handle: async ({ params, caller }) => {
      const order = await orders.get(params.id);
      requireCanView(order, caller);
      return { status: 200, body: toOrderView(order) };
    },
  });

const cancelOrder = (orders: OrdersService, saga: Pick<OrderSagaService, 'cancel'>) =>
  route({
    method: 'post',
    path: '/orders/:id/cancel',
    summary: 'Cancel a pending order; what was taken for it is refunded',
    tag: 'orders',
    auth: 'required',
    input: { params: orderParams },
    responses: { 200: orderView },
    errors: [OrderNotFound, OrderNotCancellable, OrderChanged],
    handle: async ({ params, caller }) => {
      const order = await orders.get(params.id);
      requireOwnerOrAdmin(order, caller);
      const own = caller.kind === 'user' && caller.userId === order.buyer?.userId;
      await saga.cancel(order.id, own ? 'cancelled_by_buyer' : 'cancelled_by_admin');
      return { status: 200, body: toOrderView(await orders.get(order.id)) };
    },
  });

async function listOrderPage(
  orders: OrdersService,
  { limit, cursor: sent }: z.output<typeof pageQuery>,
  whose: { readonly userId?: BuyerId },
): Promise<Page<z.input<typeof orderView>>> {
  const after = sent === undefined ? undefined : decodeCursor(cursor, sent);
  const found = await orders.list({ ...whose, limit: limit + 1, after });
  const items = found.slice(0, limit);
  const last = found.length > items.length ? items.at(-1) : undefined;
  const next = last === undefined ? null : encodeCursor({ createdAt: last.createdAt, id: last.id });
  return { items: items.map(toOrderView), next };
}

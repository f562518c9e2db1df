import { Forbidden } from '@plaza/errors';
import { hasScope, requireUser, type Caller } from '@plaza/service-kit';
import { toBuyerId, type BuyerId } from '../domain/buyer.ts';
import { OrderNotFound } from '../domain/order.errors.ts';
import type { Order } from '../domain/order.ts';

/** Who is signed in. @throws {Unauthorized} {Forbidden} for services. */
export function requireBuyer(caller: Caller): { readonly userId: BuyerId; readonly username: string } {
  const { userId, username } = requireUser(caller);
  return { userId: toBuyerId(userId), username };
}

/** Limits a list to the caller's own orders; administrators see all. */
export function visibleOrdersFilter(caller: Caller): { readonly userId?: BuyerId } {
  return hasScope(caller, 'admin') ? {} : { userId: requireBuyer(caller).userId };
}

/** @throws {Forbidden} unless the caller is the user or an administrator. */
export function requireSelfOrAdmin(caller: Caller, id: string): void {
  if (hasScope(caller, 'admin')) return;
  if (requireBuyer(caller).userId !== id)
    throw new Forbidden('Only the user and administrators may see this.');
}

/** @throws {OrderNotFound} unless the caller is the buyer, an administrator or a service: a 403 would reveal the order. */
export function requireCanView(order: Order, caller: Caller): void {
  if (caller.kind === 'service' || isBuyerOrAdmin(order, caller)) return;
  throw new OrderNotFound();
}

/** @throws {OrderNotFound} unless the caller is the buyer or an administrator. */
export function requireOwnerOrAdmin(order: Order, caller: Caller): void {
  if (!isBuyerOrAdmin(order, caller)) throw new OrderNotFound();
}

function isBuyerOrAdmin({ buyer }: Order, caller: Caller): boolean {
  return hasScope(caller, 'admin') || (caller.kind === 'user' && caller.userId === buyer?.userId);
}

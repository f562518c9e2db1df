import type { BuyersService } from './buyers.service.ts';
import type { BuyerId } from './buyer.ts';
import { CartEmpty } from './cart.errors.ts';
import type { CartsService } from './carts.service.ts';
import { quoteLines, type ProductCatalog } from './product-catalog.ts';
import type { IdempotencyKeyRepository } from './idempotency-key.repository.ts';
import { KEY_LIFETIME_MS, requireSameRequest, type IdempotentRequest } from './idempotency-key.ts';
import { mergeLines, type RequestedLine } from './order-line.ts';
import { OrderNotFound } from './order.errors.ts';
import type { OrderQuery, OrderRepository } from './order.repository.ts';
import { toInitialOrder, placeOrder, type Order, type OrderId } from './order.ts';
import { UnknownPaymentToken } from './payment.errors.ts';
import type { PaymentProvider } from './payment.ts';

/** Who wants to order, and how it is paid. */
export interface PlaceOrderRequest {
  readonly userId: BuyerId;
  /** What the buyer is called where our copy of users does not say. */
  readonly username: string;
  readonly paymentToken: string;
  /** The request's Idempotency-Key, where it has one. */
  readonly idempotency?: IdempotentRequest | undefined;
}

type NamedRequest = PlaceOrderRequest & { readonly name: string };

export interface PlaceOrderResult {
  /** As it was when it was placed. */
  readonly order: Order;
  /** Whether an earlier request placed it. */
  readonly replayed: boolean;
}

export interface OrdersService {
  /**
   * @throws {BuyerAccountDeleted} {IdempotencyKeyReused} {UnknownPaymentToken} {QuantityTooLarge} {UnknownPost}
   *   {NotForSale} {OwnOffer} {MixedCurrencies} {TotalTooLarge} {CatalogueUnavailable}
   */
  placeOrder(request: PlaceOrderRequest, lines: readonly RequestedLine[]): Promise<PlaceOrderResult>;
  /** Orders what is in the cart, and empties it. @throws {CartEmpty}, and what `placeOrder` throws. */
  checkout(request: PlaceOrderRequest): Promise<PlaceOrderResult>;
  /** @throws {OrderNotFound} */
  get(id: string): Promise<Order>;
  /** Newest first. */
  list(query: OrderQuery): Promise<Order[]>;
}

export interface OrdersServiceDependencies {
  readonly orders: OrderRepository;
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly carts: CartsService;
  readonly buyers: BuyersService;
  readonly productCatalog: ProductCatalog;
  readonly payments: PaymentProvider;
  readonly newOrderId: () => OrderId;
  readonly now: () => Date;
}

export function createOrdersService(dependencies: OrdersServiceDependencies): OrdersService {
  const { orders, idempotencyKeys, carts, buyers, productCatalog, payments, newOrderId, now } = dependencies;

  /** @throws {BuyerAccountDeleted} */
  async function withName(request: PlaceOrderRequest): Promise<NamedRequest> {
    return { ...request, name: (await buyers.requireActive(request.userId)) ?? request.username };
  }

  /** The order of an id that was given out before, where it came to that. */
  async function earlier(id: OrderId): Promise<PlaceOrderResult | undefined> {
    const order = await orders.findById(id);
    return order === null ? undefined : { order: toInitialOrder(order), replayed: true };
  }

  /** The id that the request's order has, or will have. @throws {IdempotencyKeyReused} */
  async function acquireOrderId(idempotency: IdempotentRequest, orderId: OrderId): Promise<OrderId> {
    const expiresAt = new Date(now().getTime() + KEY_LIFETIME_MS);
    const acquired = await idempotencyKeys.acquire({ ...idempotency, orderId, expiresAt });
    requireSameRequest(acquired, idempotency);
    return acquired.orderId;
  }

  async function place(
    { userId, name, paymentToken }: NamedRequest,
    id: OrderId,
    wanted: readonly RequestedLine[],
  ): Promise<PlaceOrderResult> {
    if (!payments.accepts(paymentToken)) throw new UnknownPaymentToken();
    const items = await quoteLines(productCatalog, mergeLines(wanted), userId);
    const placed = placeOrder({ id, buyer: { userId, name }, items, paymentToken }, now());
    if (await orders.add(placed)) return { order: placed.state, replayed: false };
    return { order: toInitialOrder(await get(id)), replayed: true };
  }

  async function get(id: string): Promise<Order> {
    const order = await orders.findById(id);
    if (order === null) throw new OrderNotFound();
    return order;
  }

  /** The cart's own order id makes a second checkout of the same content find the first one's order. */
  async function checkoutOnce(request: NamedRequest): Promise<PlaceOrderResult> {
    const { userId, idempotency } = request;
    const known = idempotency === undefined ? null : await idempotencyKeys.find(userId, idempotency.key);
    if (known !== null && idempotency !== undefined) {
      requireSameRequest(known, idempotency);
      const before = await earlier(known.orderId);
      if (before !== undefined) return before;
    }
    const cart = await carts.getStored(userId);
    if (cart.items.length === 0) throw new CartEmpty();
    const id = idempotency === undefined ? cart.orderId : await acquireOrderId(idempotency, cart.orderId);
    return (await earlier(id)) ?? place(request, id, cart.items);
  }

  return {
    placeOrder: async (request, lines) => {
      const named = await withName(request);
      const fresh = newOrderId();
      if (request.idempotency === undefined) return place(named, fresh, lines);
      const id = await acquireOrderId(request.idempotency, fresh);
      const before = id === fresh ? undefined : await earlier(id);
      return before ?? place(named, id, lines);
    },

    checkout: async (request) => {
      const placed = await checkoutOnce(await withName(request));
      await carts.clearAfterCheckout(request.userId, placed.order.id);
      return placed;
    },

    get: async (id) => {
      const [order] = await buyers.withCurrentNames([await get(id)]);
      if (order === undefined) throw new OrderNotFound();
      return order;
    },

    list: async (query) => buyers.withCurrentNames(await orders.list(query)),
  };
}

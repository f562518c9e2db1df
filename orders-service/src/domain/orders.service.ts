import type { BuyersService } from './buyers.service.ts';
import type { UserId } from './buyer.ts';
import { CartEmpty } from './cart.errors.ts';
import type { CartsService } from './carts.service.ts';
import { quote, type Catalogue } from './catalogue.ts';
import { KEY_LIFETIME_MS, requireSame, type ClaimRepository, type KeyedRequest } from './idempotency.ts';
import { mergeLines, type WantedLine } from './line.ts';
import { OrderNotFound } from './order.errors.ts';
import type { OrderQuery, OrderRepository } from './order.repository.ts';
import { asPlaced, placeOrder, type Order, type OrderId } from './order.ts';
import { UnknownPaymentToken } from './payment.errors.ts';
import type { PaymentProvider } from './payment.ts';

/** Who wants to order, and how it is paid. */
export interface OrderRequest {
  readonly userId: UserId;
  /** What the buyer is called where our copy of users does not say. */
  readonly username: string;
  readonly paymentToken: string;
  /** The request's Idempotency-Key, where it has one. */
  readonly keyed?: KeyedRequest | undefined;
}

type NamedRequest = OrderRequest & { readonly name: string };

export interface Placed {
  /** As it was when it was placed. */
  readonly order: Order;
  /** Whether an earlier request placed it. */
  readonly repeated: boolean;
}

export interface OrdersService {
  /**
   * @throws {AccountDeleted} {IdempotencyKeyReused} {UnknownPaymentToken} {QuantityTooLarge} {UnknownPost}
   *   {NotForSale} {OwnOffer} {MixedCurrencies} {TotalTooLarge} {CatalogueUnavailable}
   */
  order(request: OrderRequest, lines: readonly WantedLine[]): Promise<Placed>;
  /** Orders what is in the cart, and empties it. @throws {CartEmpty}, and what `order` throws. */
  checkout(request: OrderRequest): Promise<Placed>;
  /** @throws {OrderNotFound} */
  get(id: string): Promise<Order>;
  /** Newest first. */
  list(query: OrderQuery): Promise<Order[]>;
}

export interface OrdersServiceDependencies {
  readonly orders: OrderRepository;
  readonly claims: ClaimRepository;
  readonly carts: CartsService;
  readonly buyers: BuyersService;
  readonly catalogue: Catalogue;
  readonly payments: PaymentProvider;
  readonly newOrderId: () => OrderId;
  readonly now: () => Date;
}

export function createOrdersService(dependencies: OrdersServiceDependencies): OrdersService {
  const { orders, claims, carts, buyers, catalogue, payments, newOrderId, now } = dependencies;

  /** @throws {AccountDeleted} */
  async function withName(request: OrderRequest): Promise<NamedRequest> {
    return { ...request, name: (await buyers.requireAlive(request.userId)) ?? request.username };
  }

  /** The order of an id that was given out before, where it came to that. */
  async function earlier(id: OrderId): Promise<Placed | undefined> {
    const order = await orders.byId(id);
    return order === null ? undefined : { order: asPlaced(order), repeated: true };
  }

  /** The id that the request's order has, or will have. @throws {IdempotencyKeyReused} */
  async function claim(keyed: KeyedRequest, orderId: OrderId): Promise<OrderId> {
    const expiresAt = new Date(now().getTime() + KEY_LIFETIME_MS);
    const claimed = await claims.claim({ ...keyed, orderId, expiresAt });
    requireSame(claimed, keyed);
    return claimed.orderId;
  }

  async function place(
    { userId, name, paymentToken }: NamedRequest,
    id: OrderId,
    wanted: readonly WantedLine[],
  ): Promise<Placed> {
    if (!payments.accepts(paymentToken)) throw new UnknownPaymentToken();
    const items = await quote(catalogue, mergeLines(wanted), userId);
    const placed = placeOrder({ id, buyer: { userId, name }, items, paymentToken }, now());
    if (await orders.add(placed)) return { order: placed.state, repeated: false };
    return { order: asPlaced(await get(id)), repeated: true };
  }

  async function get(id: string): Promise<Order> {
    const order = await orders.byId(id);
    if (order === null) throw new OrderNotFound();
    return order;
  }

  /** The cart's own order id makes a second checkout of the same content find the first one's order. */
  async function checkoutOnce(request: NamedRequest): Promise<Placed> {
    const { userId, keyed } = request;
    const known = keyed === undefined ? null : await claims.find(userId, keyed.key);
    if (known !== null && keyed !== undefined) {
      requireSame(known, keyed);
      const before = await earlier(known.orderId);
      if (before !== undefined) return before;
    }
    const cart = await carts.of(userId);
    if (cart.items.length === 0) throw new CartEmpty();
    const id = keyed === undefined ? cart.orderId : await claim(keyed, cart.orderId);
    return (await earlier(id)) ?? place(request, id, cart.items);
  }

  return {
    order: async (request, lines) => {
      const named = await withName(request);
      const fresh = newOrderId();
      if (request.keyed === undefined) return place(named, fresh, lines);
      const id = await claim(request.keyed, fresh);
      const before = id === fresh ? undefined : await earlier(id);
      return before ?? place(named, id, lines);
    },

    checkout: async (request) => {
      const placed = await checkoutOnce(await withName(request));
      await carts.checkedOut(request.userId, placed.order.id);
      return placed;
    },

    get: async (id) => {
      const [order] = await buyers.named([await get(id)]);
      if (order === undefined) throw new OrderNotFound();
      return order;
    },

    list: async (query) => buyers.named(await orders.list(query)),
  };
}

import type { UserId } from './buyer.ts';
import type { BuyersService } from './buyers.service.ts';
import { CartChanged } from './cart.errors.ts';
import type { CartRepository } from './cart.repository.ts';
import { afterCheckout, putItems, removeItem, type Cart } from './cart.ts';
import { quote, type Catalogue, type Listing } from './catalogue.ts';
import { CatalogueUnavailable } from './catalogue.errors.ts';
import type { OrderLine, PostId, WantedLine } from './line.ts';
import { MixedCurrencies, TotalTooLarge } from './money.errors.ts';
import { totalOf, type Money } from './money.ts';
import type { OrderId } from './order.ts';

/** A line as its buyer sees it now. */
export interface ShownLine extends OrderLine {
  /** Whether it could be ordered now; where not, title and price are those it was put in with. */
  readonly available: boolean;
}

export interface ShownCart {
  readonly items: readonly ShownLine[];
  /** Of what is available; null where nothing is, or it has several currencies by now. */
  readonly total: Money | null;
  /** Whether titles and prices are remembered ones, for want of current ones. */
  readonly partial: boolean;
}

export interface CartsService {
  show(userId: UserId): Promise<ShownCart>;
  /** @throws {UnknownPost} {NotForSale} {OwnOffer} {CatalogueUnavailable} {CartFull} {MixedCurrencies} {TotalTooLarge} {AccountDeleted} {CartChanged} */
  put(userId: UserId, line: WantedLine): Promise<ShownCart>;
  /** Also where the post is not in the cart. @throws {CartChanged} */
  takeOut(userId: UserId, postId: PostId): Promise<ShownCart>;
  /** The cart as it is kept. */
  of(userId: UserId): Promise<Cart>;
  /** @throws {CartChanged} */
  checkedOut(userId: UserId, ordered: OrderId): Promise<void>;
}

export interface CartsServiceDependencies {
  readonly carts: CartRepository;
  readonly catalogue: Catalogue;
  readonly buyers: BuyersService;
  readonly newOrderId: () => OrderId;
}

/** How often a change is decided anew because another came first. */
const MOST_DECISIONS = 8;

export function createCartsService(dependencies: CartsServiceDependencies): CartsService {
  const { carts, catalogue, buyers, newOrderId } = dependencies;

  async function of(userId: UserId): Promise<Cart> {
    return (await carts.of(userId)) ?? { userId, seq: 0, orderId: newOrderId(), items: [] };
  }

  async function change(userId: UserId, decide: (cart: Cart) => Cart): Promise<Cart> {
    for (let decisions = 0; decisions < MOST_DECISIONS; decisions += 1) {
      const cart = await of(userId);
      const changed = decide(cart);
      if (changed === cart || (await carts.save(changed))) return changed;
    }
    throw new CartChanged();
  }

  async function show({ items }: Cart): Promise<ShownCart> {
    try {
      const lines = await Promise.all(
        items.map(async (line) => asListed(line, await catalogue.find(line.postId))),
      );
      return shown(lines, false);
    } catch (error) {
      if (!(error instanceof CatalogueUnavailable)) throw error;
      return shown(
        items.map((line) => ({ ...line, available: true })),
        true,
      );
    }
  }

  return {
    of,
    show: async (userId) => show(await of(userId)),

    put: async (userId, line) => {
      await buyers.requireAlive(userId);
      const lines = await quote(catalogue, [line], userId);
      return show(await change(userId, (cart) => putItems(cart, lines, newOrderId())));
    },

    takeOut: async (userId, postId) =>
      show(await change(userId, (cart) => removeItem(cart, postId, newOrderId()))),

    checkedOut: async (userId, ordered) => {
      await change(userId, (cart) => afterCheckout(cart, ordered, newOrderId()));
    },
  };
}

function asListed(line: OrderLine, listing: Listing): ShownLine {
  return listing.kind === 'offer'
    ? { ...line, title: listing.title, unitPrice: listing.price, available: true }
    : { ...line, available: false };
}

function shown(items: readonly ShownLine[], partial: boolean): ShownCart {
  const available = items.filter((line) => line.available);
  return { items, total: available.length === 0 ? null : totalIfAny(available), partial };
}

/** Prices change while something lies in a cart, and may have come to differ in currency. */
function totalIfAny(lines: readonly ShownLine[]): Money | null {
  try {
    return totalOf(lines);
  } catch (error) {
    if (error instanceof MixedCurrencies || error instanceof TotalTooLarge) return null;
    throw error;
  }
}

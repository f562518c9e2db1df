import { changed, updateWithRetry } from '@plaza/domain';
import type { BuyerId } from './buyer.ts';
import type { BuyersService } from './buyers.service.ts';
import { CartChanged } from './cart.errors.ts';
import type { CartRepository } from './cart.repository.ts';
import { emptyAfterCheckout, putItems, removeItem, type Cart } from './cart.ts';
import { quoteLines, type ProductCatalog, type ProductListing } from './product-catalog.ts';
import { CatalogueUnavailable } from './product-catalog.errors.ts';
import type { OrderLine, ProductId, RequestedLine } from './order-line.ts';
import { MixedCurrencies, TotalTooLarge } from './money.errors.ts';
import { calculateTotal, type Money } from './money.ts';
import type { OrderId } from './order.ts';

/** A line as its buyer sees it now. */
export interface PricedCartLine extends OrderLine {
  /** Whether it could be ordered now; where not, title and price are those it was put in with. */
  readonly available: boolean;
}

export interface PricedCart {
  readonly items: readonly PricedCartLine[];
  /** Of what is available; null where nothing is, or it has several currencies by now. */
  readonly total: Money | null;
  /** Whether titles and prices are remembered ones, for want of current ones. */
  readonly partial: boolean;
}

export interface CartsService {
  getPriced(userId: BuyerId): Promise<PricedCart>;
  /** @throws {UnknownPost} {NotForSale} {OwnOffer} {CatalogueUnavailable} {CartFull} {MixedCurrencies} {TotalTooLarge} {BuyerAccountDeleted} {CartChanged} */
  putItem(userId: BuyerId, line: RequestedLine): Promise<PricedCart>;
  /** Also where the post is not in the cart. @throws {CartChanged} */
  removeItem(userId: BuyerId, postId: ProductId): Promise<PricedCart>;
  /** The cart as it is kept. */
  getStored(userId: BuyerId): Promise<Cart>;
  /** @throws {CartChanged} */
  clearAfterCheckout(userId: BuyerId, ordered: OrderId): Promise<void>;
}

export interface CartsServiceDependencies {
  readonly carts: CartRepository;
  readonly productCatalog: ProductCatalog;
  readonly buyers: BuyersService;
  readonly newOrderId: () => OrderId;
}

export function createCartsService(dependencies: CartsServiceDependencies): CartsService {
  const { carts, productCatalog, buyers, newOrderId } = dependencies;

  async function getStored(userId: BuyerId): Promise<Cart> {
    return (await carts.findByUser(userId)) ?? { userId, seq: 0, orderId: newOrderId(), items: [] };
  }

  function change(userId: BuyerId, decide: (cart: Cart) => Cart): Promise<Cart> {
    return updateWithRetry<Cart, never>({
      load: () => getStored(userId),
      decide: (cart) => changed(decide(cart)),
      save: ({ state }) => carts.save(state),
      createConflictError: () => new CartChanged(),
    });
  }

  async function priceCart({ items }: Cart): Promise<PricedCart> {
    try {
      const lines = await Promise.all(
        items.map(async (line) => withListing(line, await productCatalog.findListing(line.postId))),
      );
      return toPricedCart(lines, false);
    } catch (error) {
      if (!(error instanceof CatalogueUnavailable)) throw error;
      return toPricedCart(
        items.map((line) => ({ ...line, available: true })),
        true,
      );
    }
  }

  return {
    getStored,
    getPriced: async (userId) => priceCart(await getStored(userId)),

    putItem: async (userId, line) => {
      await buyers.requireActive(userId);
      const lines = await quoteLines(productCatalog, [line], userId);
      return priceCart(await change(userId, (cart) => putItems(cart, lines, newOrderId())));
    },

    removeItem: async (userId, postId) =>
      priceCart(await change(userId, (cart) => removeItem(cart, postId, newOrderId()))),

    clearAfterCheckout: async (userId, ordered) => {
      await change(userId, (cart) => emptyAfterCheckout(cart, ordered, newOrderId()));
    },
  };
}

function withListing(line: OrderLine, listing: ProductListing): PricedCartLine {
  return listing.kind === 'offer'
    ? { ...line, title: listing.title, unitPrice: listing.price, available: true }
    : { ...line, available: false };
}

function toPricedCart(items: readonly PricedCartLine[], partial: boolean): PricedCart {
  const available = items.filter((line) => line.available);
  return { items, total: available.length === 0 ? null : totalOrNull(available), partial };
}

/** Prices change while something lies in a cart, and may have come to differ in currency. */
function totalOrNull(lines: readonly PricedCartLine[]): Money | null {
  try {
    return calculateTotal(lines);
  } catch (error) {
    if (error instanceof MixedCurrencies || error instanceof TotalTooLarge) return null;
    throw error;
  }
}

import type { BuyerId } from './buyer.ts';
import { NotForSale, OwnOffer, UnknownPost } from './product-catalog.errors.ts';
import type { OrderLine, ProductId, RequestedLine } from './order-line.ts';
import type { Money } from './money.ts';

/** The facts of a post that a buyer needs. */
export type ProductListing =
  | {
      readonly kind: 'offer';
      readonly title: string;
      readonly price: Money;
      readonly sellerId: BuyerId;
    }
  | { readonly kind: 'not-for-sale' }
  | { readonly kind: 'unknown' };

/** Where titles and prices are asked for. */
export interface ProductCatalog {
  /** @throws {CatalogueUnavailable} */
  findListing(postId: ProductId): Promise<ProductListing>;
}

/**
 * The lines as an order takes them, with the titles and prices of this moment.
 * @throws {UnknownPost} {NotForSale} {OwnOffer} that name every such line; {CatalogueUnavailable}.
 */
export async function quoteLines(
  productCatalog: ProductCatalog,
  wanted: readonly RequestedLine[],
  buyer: BuyerId,
): Promise<OrderLine[]> {
  const found = await Promise.all(
    wanted.map(async (line) => ({ line, listing: await productCatalog.findListing(line.postId) })),
  );
  rejectMatchingLines(found, ({ kind }) => kind === 'unknown', UnknownPost);
  rejectMatchingLines(found, ({ kind }) => kind === 'not-for-sale', NotForSale);
  rejectMatchingLines(found, (listing) => listing.kind === 'offer' && listing.sellerId === buyer, OwnOffer);
  return found.flatMap(({ line, listing }) =>
    listing.kind === 'offer' ? [{ ...line, title: listing.title, unitPrice: listing.price }] : [],
  );
}

interface ListedLine {
  readonly line: RequestedLine;
  readonly listing: ProductListing;
}

function rejectMatchingLines(
  found: readonly ListedLine[],
  isRefused: (listing: ProductListing) => boolean,
  Refusal: new (places: readonly { index: number; postId: string }[]) => Error,
): void {
  const places = found.flatMap(({ line, listing }, index) =>
    isRefused(listing) ? [{ index, postId: line.postId }] : [],
  );
  if (places.length > 0) throw new Refusal(places);
}

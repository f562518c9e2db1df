import type { UserId } from './buyer.ts';
import { NotForSale, OwnOffer, UnknownPost } from './catalogue.errors.ts';
import type { OrderLine, PostId, WantedLine } from './line.ts';
import type { Money } from './money.ts';

/** What can be learned of a post by whoever wants to buy it. */
export type Listing =
  | {
      readonly kind: 'offer';
      readonly title: string;
      readonly price: Money;
      readonly sellerId: UserId;
    }
  | { readonly kind: 'not-for-sale' }
  | { readonly kind: 'unknown' };

/** Where titles and prices are asked for. */
export interface Catalogue {
  /** @throws {CatalogueUnavailable} */
  find(postId: PostId): Promise<Listing>;
}

/**
 * The lines as an order takes them, with the titles and prices of this moment.
 * @throws {UnknownPost} {NotForSale} {OwnOffer} that name every such line; {CatalogueUnavailable}.
 */
export async function quote(
  catalogue: Catalogue,
  wanted: readonly WantedLine[],
  buyer: UserId,
): Promise<OrderLine[]> {
  const found = await Promise.all(
    wanted.map(async (line) => ({ line, listing: await catalogue.find(line.postId) })),
  );
  refuse(found, ({ kind }) => kind === 'unknown', UnknownPost);
  refuse(found, ({ kind }) => kind === 'not-for-sale', NotForSale);
  refuse(found, (listing) => listing.kind === 'offer' && listing.sellerId === buyer, OwnOffer);
  return found.flatMap(({ line, listing }) =>
    listing.kind === 'offer' ? [{ ...line, title: listing.title, unitPrice: listing.price }] : [],
  );
}

interface Found {
  readonly line: WantedLine;
  readonly listing: Listing;
}

function refuse(
  found: readonly Found[],
  isRefused: (listing: Listing) => boolean,
  Refusal: new (places: readonly { index: number; postId: string }[]) => Error,
): void {
  const places = found.flatMap(({ line, listing }, index) =>
    isRefused(listing) ? [{ index, postId: line.postId }] : [],
  );
  if (places.length > 0) throw new Refusal(places);
}

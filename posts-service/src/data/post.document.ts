import type { OutboxDocument } from '@plaza/messaging';
import { toAuthorId } from '../domain/author.ts';
import { toPostId, type Post, type PostContent } from '../domain/post.ts';

/** What an order holds of a post. */
export interface StockHoldDocument {
  readonly orderId: string;
  readonly quantity: number;
  readonly at: Date;
}

/** A post as MongoDB keeps it. A tombstone has only what is in `OutboxDocument`. */
export interface PostDocument extends OutboxDocument {
  readonly authorId: string;
  readonly title: string;
  readonly content: string;
  readonly tags: readonly string[];
  readonly status: 'draft' | 'published';
  readonly offer?: {
    readonly price: { readonly amount: number; readonly currency: string };
    /** What can be ordered now, without what is held. */
    readonly stock: number;
  };
  readonly reservations: readonly StockHoldDocument[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A tombstone is no post any more. */
export const NOT_DELETED = { deletedAt: { $exists: false } } as const;

/** What a reader of posts has no use for, and may be long. */
export const WITHOUT_LEDGER = { reservations: 0, outbox: 0 } as const;

export function toPost(document: Omit<PostDocument, 'reservations' | 'outbox'>): Post {
  const { _id, seq, authorId, title, content, tags, status, offer, createdAt, updatedAt } = document;
  return {
    id: toPostId(_id),
    seq,
    authorId: toAuthorId(authorId),
    title,
    content,
    tags,
    status,
    ...toOffer(offer),
    createdAt,
    updatedAt,
  };
}

function toOffer(offer: PostDocument['offer']): Pick<PostContent, 'offer'> {
  if (offer === undefined) return {};
  const { price, stock } = offer;
  return { offer: { price: { amount: price.amount, currency: price.currency }, stock } };
}

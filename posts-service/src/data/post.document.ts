import type { Outboxed } from '@plaza/messaging';
import { userId } from '../domain/author.ts';
import { postId, type Post, type PostContent } from '../domain/post.ts';

/** What an order holds of a post. */
export interface HoldDocument {
  readonly orderId: string;
  readonly quantity: number;
  readonly at: Date;
}

/** A post as MongoDB keeps it. A tombstone has only what is `Outboxed`. */
export interface PostDocument extends Outboxed {
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
  readonly reservations: readonly HoldDocument[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A tombstone is no post any more. */
export const ALIVE = { deletedAt: { $exists: false } } as const;

/** What a reader of posts has no use for, and may be long. */
export const WITHOUT_BOOKS = { reservations: 0, outbox: 0 } as const;

export function toPost(document: Omit<PostDocument, 'reservations' | 'outbox'>): Post {
  const { _id, seq, authorId, title, content, tags, status, offer, createdAt, updatedAt } = document;
  return {
    id: postId(_id),
    seq,
    authorId: userId(authorId),
    title,
    content,
    tags,
    status,
    ...offerOf(offer),
    createdAt,
    updatedAt,
  };
}

function offerOf(offer: PostDocument['offer']): Pick<PostContent, 'offer'> {
  if (offer === undefined) return {};
  const { price, stock } = offer;
  return { offer: { price: { amount: price.amount, currency: price.currency }, stock } };
}

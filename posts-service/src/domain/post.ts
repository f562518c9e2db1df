import { changed, unchanged, type Change } from '@plaza/domain';
import { isAdmin, isPerson, isPrivyTo, type Actor } from './actor.ts';
import type { UserId } from './author.ts';
import { OfferIncomplete } from './post.errors.ts';
import {
  postCreated,
  postDeleted,
  postUpdated,
  type PostCreated,
  type PostDeleted,
  type PostUpdated,
} from './post.events.ts';

export type PostId = string & { readonly brand: 'PostId' };

/** Takes a text for what it is said to be: what a client, a message or the database has as one. */
export function postId(id: string): PostId;
export function postId(id: string): string {
  return id;
}

/** Minor units of an ISO 4217 currency: 1250 EUR are 12.50 €. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Offer {
  readonly price: Money;
  /** Pieces that can be ordered now: what is reserved for orders is not among them. */
  readonly stock: number;
}

export type PostStatus = 'draft' | 'published';

/** What an author writes. */
export interface PostContent {
  readonly title: string;
  readonly content: string;
  readonly tags: readonly string[];
  readonly status: PostStatus;
  readonly offer?: Offer | undefined;
}

/** `seq` is the one that was read: a save that finds another has lost the race. */
export interface Post extends PostContent {
  readonly id: PostId;
  readonly seq: number;
  readonly authorId: UserId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const LONGEST = { title: 200, content: 20_000, tag: 40 } as const;
export const MOST_TAGS = 20;
/** What a JSON number and any database hold exactly, with room for sums. */
export const MOST_AMOUNT = 1_000_000_000_000;
export const MOST_STOCK = 1_000_000;

export interface Writing extends PostContent {
  readonly id: PostId;
  readonly authorId: UserId;
}

export function write(writing: Writing, now: Date): Change<Post, PostCreated> {
  const post: Post = { ...writing, seq: 0, createdAt: now, updatedAt: now };
  return changed(post, postCreated(post));
}

/** Everything that the author says, anew. What is the same already changes nothing. */
export function rewrite(post: Post, content: PostContent, now: Date): Change<Post, PostUpdated> {
  if (says(post, content)) return unchanged(post);
  const state: Post = { ...post, ...content, offer: content.offer, updatedAt: now };
  return changed(state, postUpdated(state));
}

/** A part of what the author says. An absent field stays as it is; an offer of null is withdrawn. */
export interface PostChanges {
  readonly title?: string | undefined;
  readonly content?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly status?: PostStatus | undefined;
  readonly offer?:
    { readonly price?: Money | undefined; readonly stock?: number | undefined } | null | undefined;
}

/** @throws {OfferIncomplete} where an offer begins without a price or a stock. */
export function amend(post: Post, changes: PostChanges, now: Date): Change<Post, PostUpdated> {
  const { title = post.title, content = post.content, tags = post.tags, status = post.status } = changes;
  return rewrite(post, { title, content, tags, status, offer: offerAfter(post.offer, changes.offer) }, now);
}

function offerAfter(offer: Offer | undefined, changes: PostChanges['offer']): Offer | undefined {
  if (changes === undefined) return offer;
  if (changes === null) return undefined;
  const { price = offer?.price, stock = offer?.stock } = changes;
  if (price === undefined || stock === undefined) {
    throw new OfferIncomplete(price === undefined ? 'price' : 'stock');
  }
  return { price, stock };
}

function says(post: Post, { title, content, tags, status, offer }: PostContent): boolean {
  return (
    post.title === title &&
    post.content === content &&
    post.status === status &&
    post.tags.join('\n') === tags.join('\n') &&
    post.offer?.stock === offer?.stock &&
    post.offer?.price.amount === offer?.price.amount &&
    post.offer?.price.currency === offer?.price.currency
  );
}

/** What remains of a deleted post: the news. */
export function bury(post: Post): Change<PostId, PostDeleted> {
  return changed(post.id, postDeleted(post));
}

/** Drafts are their author's, administrators' and services' alone. */
export function mayRead(actor: Actor, post: Post): boolean {
  return post.status === 'published' || isPrivyTo(actor, post.authorId);
}

export function mayChange(actor: Actor, post: Post): boolean {
  return isPerson(actor, post.authorId) || isAdmin(actor);
}

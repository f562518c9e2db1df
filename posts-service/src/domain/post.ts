import { changed, unchanged, type Change } from '@plaza/domain';
import { isAdmin, isSelf, canView, type Actor } from './actor.ts';
import type { AuthorId } from './author.ts';
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
export function toPostId(id: string): PostId;
export function toPostId(id: string): string {
  return id;
}

/** Minor units of an ISO 4217 currency: 1250 EUR are 12.50 €. */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

export interface Offer {
  readonly price: Price;
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
  readonly authorId: AuthorId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const MAX_LENGTHS = { title: 200, content: 20_000, tag: 40 } as const;
export const MAX_TAGS = 20;
/** What a JSON number and any database hold exactly, with room for sums. */
export const MAX_AMOUNT = 1_000_000_000_000;
export const MAX_STOCK = 1_000_000;

export interface NewPost extends PostContent {
  readonly id: PostId;
  readonly authorId: AuthorId;
}

export function createPost(newPost: NewPost, now: Date): Change<Post, PostCreated> {
  const post: Post = { ...newPost, seq: 0, createdAt: now, updatedAt: now };
  return changed(post, postCreated(post));
}

/** Everything that the author says, anew. What is the same already changes nothing. */
export function replacePost(post: Post, content: PostContent, now: Date): Change<Post, PostUpdated> {
  if (hasSameContent(post, content)) return unchanged(post);
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
    { readonly price?: Price | undefined; readonly stock?: number | undefined } | null | undefined;
}

/** @throws {OfferIncomplete} where an offer begins without a price or a stock. */
export function updatePost(post: Post, changes: PostChanges, now: Date): Change<Post, PostUpdated> {
  const { title = post.title, content = post.content, tags = post.tags, status = post.status } = changes;
  return replacePost(
    post,
    { title, content, tags, status, offer: mergeOffer(post.offer, changes.offer) },
    now,
  );
}

function mergeOffer(offer: Offer | undefined, changes: PostChanges['offer']): Offer | undefined {
  if (changes === undefined) return offer;
  if (changes === null) return undefined;
  const { price = offer?.price, stock = offer?.stock } = changes;
  if (price === undefined || stock === undefined) {
    throw new OfferIncomplete(price === undefined ? 'price' : 'stock');
  }
  return { price, stock };
}

function hasSameContent(post: Post, { title, content, tags, status, offer }: PostContent): boolean {
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
export function markPostDeleted(post: Post): Change<PostId, PostDeleted> {
  return changed(post.id, postDeleted(post));
}

/** Drafts are their author's, administrators' and services' alone. */
export function canRead(actor: Actor, post: Post): boolean {
  return post.status === 'published' || canView(actor, post.authorId);
}

export function canUpdate(actor: Actor, post: Post): boolean {
  return isSelf(actor, post.authorId) || isAdmin(actor);
}

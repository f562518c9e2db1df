import type { DomainEvent } from '@plaza/domain';
import type { AuthorId } from './author.ts';
import type { Offer, Post, PostId, PostStatus } from './post.ts';

/** What the rest of the system may know of a post; its text is asked for over HTTP. */
interface PostSummary {
  readonly postId: PostId;
  readonly authorId: AuthorId;
  readonly title: string;
  readonly status: PostStatus;
  readonly tags: readonly string[];
  /** The stock is the one that the author set: orders do not make it a new event. */
  readonly offer?: Offer;
}

export type PostCreated = DomainEvent<'post.created', PostSummary>;
export type PostUpdated = DomainEvent<'post.updated', PostSummary>;
export type PostDeleted = DomainEvent<
  'post.deleted',
  { readonly postId: PostId; readonly authorId: AuthorId }
>;
export type PostEvent = PostCreated | PostUpdated | PostDeleted;

export function postCreated(post: Post): PostCreated {
  return { eventType: 'post.created', data: summaryOf(post) };
}

export function postUpdated(post: Post): PostUpdated {
  return { eventType: 'post.updated', data: summaryOf(post) };
}

export function postDeleted({ id, authorId }: Post): PostDeleted {
  return { eventType: 'post.deleted', data: { postId: id, authorId } };
}

function summaryOf({ id, authorId, title, status, tags, offer }: Post): PostSummary {
  return { postId: id, authorId, title, status, tags, ...(offer === undefined ? {} : { offer }) };
}

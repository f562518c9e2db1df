import type { Change } from '@plaza/domain';
import type { Actor } from './actor.ts';
import type { AuthorId } from './author.ts';
import type { Post, PostId, PostStatus } from './post.ts';
import type { PostCreated, PostDeleted, PostEvent } from './post.events.ts';

/** Where a list goes on: after this post and, where it is ordered by relevance, this score. */
export interface PostCursor {
  readonly id: string;
  readonly score?: number | undefined;
}

export interface PostQuery {
  readonly author?: string | undefined;
  readonly tag?: string | undefined;
  readonly status?: PostStatus | undefined;
  /** Words, any of which a post must hold: the best match first, else the newest. */
  readonly text?: string | undefined;
  readonly limit: number;
  readonly after?: PostCursor | undefined;
}

export interface PostPage {
  readonly posts: readonly Post[];
  /** Undefined on the last page. */
  readonly next: PostCursor | undefined;
}

/** Where posts are kept, as the domain needs it. What is deleted is not found by any of these. */
export interface PostRepository {
  findById(id: string): Promise<Post | null>;
  /** What the actor may read of what is asked for. */
  list(query: PostQuery, actor: Actor): Promise<PostPage>;
  /** Some of an author's posts, up to `limit`. */
  findByAuthor(authorId: AuthorId, limit: number): Promise<Post[]>;
  add(change: Change<Post, PostCreated>): Promise<void>;
  /** False where another writer was first: read again and decide again. */
  save(change: Change<Post, PostEvent>): Promise<boolean>;
  /** Leaves nothing but the event. False where another writer was first. */
  remove(post: Post, change: Change<PostId, PostDeleted>): Promise<boolean>;
}

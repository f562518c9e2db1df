import type { Actor, UserActor } from './actor.ts';
import { redactFor, type Author, type AuthorId } from './author.ts';
import { AuthorAccountDeleted } from './author.errors.ts';
import type { AuthorsService } from './authors.service.ts';
import { canRead, createPost, markPostDeleted, replacePost, updatePost } from './post.ts';
import type { Post, PostChanges, PostContent, PostId } from './post.ts';
import { PostNotFound } from './post.errors.ts';
import type { PostCursor, PostQuery, PostRepository } from './post.repository.ts';
import { deletePostWithRetry, updatePostWithRetry } from './update-with-retry.ts';

/** A post with its author as the reader may see them; undefined where the author cannot be known now. */
export interface PostWithAuthor {
  readonly post: Post;
  readonly author: Author | undefined;
}

export interface PostsService {
  /** @throws {AuthorAccountDeleted} */
  create(author: UserActor, content: PostContent): Promise<Post>;
  /** @throws {PostNotFound} */
  get(id: string, actor: Actor): Promise<PostWithAuthor>;
  list(query: PostQuery, actor: Actor): Promise<{ posts: PostWithAuthor[]; next: PostCursor | undefined }>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} */
  replace(id: string, content: PostContent, actor: Actor): Promise<Post>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} {OfferIncomplete} */
  update(id: string, changes: PostChanges, actor: Actor): Promise<Post>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} */
  remove(id: string, actor: Actor): Promise<void>;
  /** Goes on where an earlier call ended. @throws the signal's reason, between two batches. */
  removeByAuthor(authorId: AuthorId, signal?: AbortSignal): Promise<void>;
}

export interface PostsServiceDependencies {
  readonly posts: PostRepository;
  readonly authors: AuthorsService;
  readonly newId: () => PostId;
  readonly now: () => Date;
}

/** Posts of a deleted user that are removed at once. */
const BATCH = 20;

export function createPostsService({ posts, authors, newId, now }: PostsServiceDependencies): PostsService {
  async function removeByAuthor(authorId: AuthorId, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const batch = await posts.findByAuthor(authorId, BATCH);
      if (batch.length === 0) return;
      await Promise.all(batch.map((post) => posts.remove(post, markPostDeleted(post))));
    }
  }

  return {
    create: async ({ userId: authorId }, content) => {
      if (await authors.isDeleted(authorId)) throw new AuthorAccountDeleted();
      const written = createPost({ ...content, id: newId(), authorId }, now());
      await posts.add(written);
      // The news of the deletion may have come in between, before there was this post to delete.
      if (await authors.isDeleted(authorId)) {
        await removeByAuthor(authorId);
        throw new AuthorAccountDeleted();
      }
      return written.state;
    },

    get: async (id, actor) => {
      const post = await posts.findById(id);
      if (post === null || !canRead(actor, post)) throw new PostNotFound();
      return withAuthor(post, await authors.find(post.authorId), actor);
    },

    list: async (query, actor) => {
      const page = await posts.list(query, actor);
      const copies = await authors.findCopies(page.posts.map((post) => post.authorId));
      return {
        posts: page.posts.map((post) => withAuthor(post, copies.get(post.authorId), actor)),
        next: page.next,
      };
    },

    replace: (id, content, actor) =>
      updatePostWithRetry(posts, id, actor, (post) => replacePost(post, content, now())),
    update: (id, changes, actor) =>
      updatePostWithRetry(posts, id, actor, (post) => updatePost(post, changes, now())),

    remove: async (id, actor) => {
      await deletePostWithRetry(posts, id, actor);
    },

    removeByAuthor,
  };
}

function withAuthor(post: Post, author: Author | undefined, actor: Actor): PostWithAuthor {
  return { post, author: author === undefined ? undefined : redactFor(author, actor) };
}

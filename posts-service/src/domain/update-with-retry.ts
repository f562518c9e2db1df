import { retryOnConflict, updateWithRetry, type Change } from '@plaza/domain';
import type { Actor } from './actor.ts';
import { NotYourPost, PostChanged, PostNotFound } from './post.errors.ts';
import type { PostEvent } from './post.events.ts';
import type { PostRepository } from './post.repository.ts';
import { canRead, canUpdate, markPostDeleted, type Post } from './post.ts';

/** More than for other aggregates: every order of a post changes it. */
const CONFLICTS = { maxAttempts: 20, createConflictError: () => new PostChanged() };

/**
 * @throws {PostNotFound} {NotYourPost}, {PostChanged} after 20 conflicts with other writers, and what `decide` throws.
 */
export function updatePostWithRetry(
  posts: PostRepository,
  id: string,
  actor: Actor,
  decide: (post: Post) => Change<Post, PostEvent>,
): Promise<Post> {
  return updateWithRetry({
    load: () => loadPost(posts, id, actor),
    decide,
    save: (change) => posts.save(change),
    ...CONFLICTS,
  });
}

/** @throws {PostNotFound} {NotYourPost}, and {PostChanged} after 20 conflicts with other writers. */
export function deletePostWithRetry(posts: PostRepository, id: string, actor: Actor): Promise<Post> {
  return retryOnConflict(async () => {
    const post = await loadPost(posts, id, actor);
    return (await posts.remove(post, markPostDeleted(post))) ? { done: post } : 'conflict';
  }, CONFLICTS);
}

async function loadPost(posts: PostRepository, id: string, actor: Actor): Promise<Post> {
  const post = await posts.findById(id);
  if (post === null || !canRead(actor, post)) throw new PostNotFound();
  if (!canUpdate(actor, post)) throw new NotYourPost();
  return post;
}

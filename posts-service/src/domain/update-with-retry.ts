import type { Change } from '@plaza/domain';
import type { Actor } from './actor.ts';
import { NotYourPost, PostChanged, PostNotFound } from './post.errors.ts';
import type { PostEvent } from './post.events.ts';
import type { PostRepository } from './post.repository.ts';
import { canRead, canUpdate, markPostDeleted, type Post } from './post.ts';

/** How often a change is decided anew because another came first: each order of a post is one. */
const MAX_ATTEMPTS = 20;

/**
 * Reads a post, decides, and saves; reads and decides again where another writer was first.
 * @throws {PostNotFound} {NotYourPost}, {PostChanged} after 20 decisions, and what `decide` throws.
 */
export function updatePostWithRetry(
  posts: PostRepository,
  id: string,
  actor: Actor,
  decide: (post: Post) => Change<Post, PostEvent>,
): Promise<Post> {
  return writeWithRetry(posts, id, actor, async (post) => {
    const change = decide(post);
    return change.state === post || (await posts.save(change)) ? change.state : undefined;
  });
}

/** @throws {PostNotFound} {NotYourPost}, and {PostChanged} after 20 attempts. */
export function deletePostWithRetry(posts: PostRepository, id: string, actor: Actor): Promise<Post> {
  return writeWithRetry(posts, id, actor, async (post) =>
    (await posts.remove(post, markPostDeleted(post))) ? post : undefined,
  );
}

/** `write` answers nothing where another writer was first. */
async function writeWithRetry(
  posts: PostRepository,
  id: string,
  actor: Actor,
  write: (post: Post) => Promise<Post | undefined>,
): Promise<Post> {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const post = await posts.findById(id);
    if (post === null || !canRead(actor, post)) throw new PostNotFound();
    if (!canUpdate(actor, post)) throw new NotYourPost();
    const written = await write(post);
    if (written !== undefined) return written;
  }
  throw new PostChanged();
}

import type { Change } from '@plaza/domain';
import type { Actor, Person } from './actor.ts';
import { asSeenBy, type Author, type UserId } from './author.ts';
import { AccountDeleted } from './author.errors.ts';
import type { AuthorsService } from './authors.service.ts';
import { amend, bury, mayChange, mayRead, rewrite, write } from './post.ts';
import type { Post, PostChanges, PostContent, PostId } from './post.ts';
import { NotYourPost, PostChanged, PostNotFound } from './post.errors.ts';
import type { PostEvent } from './post.events.ts';
import type { Position, PostQuery, PostRepository } from './post.repository.ts';

/** A post with its author as the reader may see them; undefined where the author cannot be known now. */
export interface SignedPost {
  readonly post: Post;
  readonly author: Author | undefined;
}

export interface PostsService {
  /** @throws {AccountDeleted} */
  create(author: Person, content: PostContent): Promise<Post>;
  /** @throws {PostNotFound} */
  get(id: string, actor: Actor): Promise<SignedPost>;
  list(query: PostQuery, actor: Actor): Promise<{ posts: SignedPost[]; next: Position | undefined }>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} */
  replace(id: string, content: PostContent, actor: Actor): Promise<Post>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} {OfferIncomplete} */
  change(id: string, changes: PostChanges, actor: Actor): Promise<Post>;
  /** @throws {PostNotFound} {NotYourPost} {PostChanged} */
  remove(id: string, actor: Actor): Promise<void>;
  /** Goes on where an earlier call ended. @throws the signal's reason, between two batches. */
  removeAllOf(authorId: UserId, signal?: AbortSignal): Promise<void>;
}

export interface PostsServiceDependencies {
  readonly posts: PostRepository;
  readonly authors: AuthorsService;
  readonly newId: () => PostId;
  readonly now: () => Date;
}

/** How often a change is decided anew because another came first: each order of a post is one. */
const MOST_DECISIONS = 20;
/** Posts of a deleted user that are removed at once. */
const BATCH = 20;

export function createPostsService({ posts, authors, newId, now }: PostsServiceDependencies): PostsService {
  /** Reads a post, decides, and saves; reads and decides again where another writer was first. */
  async function decide<T>(
    id: string,
    actor: Actor,
    once: (post: Post) => Promise<T | undefined>,
  ): Promise<T> {
    for (let decisions = 0; decisions < MOST_DECISIONS; decisions += 1) {
      const post = await posts.byId(id);
      if (post === null || !mayRead(actor, post)) throw new PostNotFound();
      if (!mayChange(actor, post)) throw new NotYourPost();
      const done = await once(post);
      if (done !== undefined) return done;
    }
    throw new PostChanged();
  }

  const save = (id: string, actor: Actor, rule: (post: Post) => Change<Post, PostEvent>) =>
    decide(id, actor, async (post) => {
      const change = rule(post);
      return change.state === post || (await posts.save(change)) ? change.state : undefined;
    });

  async function removeAllOf(authorId: UserId, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const batch = await posts.ofAuthor(authorId, BATCH);
      if (batch.length === 0) return;
      await Promise.all(batch.map((post) => posts.remove(post, bury(post))));
    }
  }

  return {
    create: async ({ userId: authorId }, content) => {
      if (await authors.isErased(authorId)) throw new AccountDeleted();
      const written = write({ ...content, id: newId(), authorId }, now());
      await posts.add(written);
      // The news of the deletion may have come in between, before there was this post to delete.
      if (await authors.isErased(authorId)) {
        await removeAllOf(authorId);
        throw new AccountDeleted();
      }
      return written.state;
    },

    get: async (id, actor) => {
      const post = await posts.byId(id);
      if (post === null || !mayRead(actor, post)) throw new PostNotFound();
      return signed(post, await authors.find(post.authorId), actor);
    },

    list: async (query, actor) => {
      const page = await posts.list(query, actor);
      const copies = await authors.findCopies(page.posts.map((post) => post.authorId));
      return {
        posts: page.posts.map((post) => signed(post, copies.get(post.authorId), actor)),
        next: page.next,
      };
    },

    replace: (id, content, actor) => save(id, actor, (post) => rewrite(post, content, now())),
    change: (id, changes, actor) => save(id, actor, (post) => amend(post, changes, now())),

    remove: async (id, actor) => {
      await decide(id, actor, async (post) => ((await posts.remove(post, bury(post))) ? post : undefined));
    },

    removeAllOf,
  };
}

function signed(post: Post, author: Author | undefined, actor: Actor): SignedPost {
  return { post, author: author === undefined ? undefined : asSeenBy(author, actor) };
}

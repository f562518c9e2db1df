import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toAuthorId, type AuthorId } from '../src/domain/author.ts';
import type { AuthorsService } from '../src/domain/authors.service.ts';
import { newPostId } from '../src/data/post.model.ts';
import { createPostsService } from '../src/domain/posts.service.ts';
import type { PostRepository } from '../src/domain/post.repository.ts';
import { openStockStore, InjectedCrash, type StockStore } from './crash-injection.ts';

let stockStore: StockStore;
let count = 0;

beforeAll(async () => {
  stockStore = await openStockStore();
}, 60_000);
afterAll(() => stockStore.close());

/** The service on real posts; `deleted` answers each check whether the author is deleted. */
function service(posts: PostRepository = stockStore.posts, deleted: () => boolean = () => false) {
  const authors: AuthorsService = {
    find: async () => undefined,
    findCopies: async () => new Map(),
    isDeleted: async () => deleted(),
    upsert: async () => undefined,
    markDeleted: async () => undefined,
  };
  return createPostsService({ posts, authors, newId: newPostId, now: () => new Date() });
}

const content = { title: 'x', content: 'x', tags: [], status: 'published' as const };

async function writer(posts: number): Promise<AuthorId> {
  const author = toAuthorId(`writer-${(count += 1)}`);
  for (let n = 0; n < posts; n += 1)
    await service().create({ kind: 'user', userId: author, admin: false }, content);
  return author;
}

/** What the documents of an author's posts hold: those that live, and the news of each deletion. */
async function remains(author: AuthorId) {
  const documents = await stockStore.postModel.find({}, { outbox: 1, authorId: 1 }).lean();
  const told = documents.flatMap(({ outbox }) => outbox);
  return {
    living: documents.filter(({ authorId }) => authorId === author).length,
    buried: told.filter(({ eventType, data }) => {
      const { authorId } = { authorId: undefined, ...data };
      return eventType === 'post.deleted' && authorId === author;
    }).length,
  };
}

/** A repository whose process dies after some removals. */
function dyingAfter(removals: number): PostRepository {
  let left = removals;
  return {
    ...stockStore.posts,
    remove: async (...removal) => {
      if (left === 0) throw new InjectedCrash('killed');
      left -= 1;
      return stockStore.posts.remove(...removal);
    },
  };
}

describe('deleting all of an author’s posts', () => {
  test.each([0, 1, 7, 24])('goes on after a crash at the one after %i of 25', async (survived) => {
    const author = await writer(25);
    await expect(service(dyingAfter(survived)).removeByAuthor(author)).rejects.toThrow(InjectedCrash);
    expect((await remains(author)).living).toBeGreaterThanOrEqual(25 - survived);
    await service().removeByAuthor(author);
    expect(await remains(author)).toEqual({ living: 0, buried: 25 });
  });

  test('by two handlers at once tells of each post once', async () => {
    const author = await writer(25);
    await Promise.all([service().removeByAuthor(author), service().removeByAuthor(author)]);
    expect(await remains(author)).toEqual({ living: 0, buried: 25 });
  });

  test('ends between two batches when its time is up', async () => {
    const author = await writer(45);
    const time = new AbortController();
    const posts: PostRepository = {
      ...stockStore.posts,
      remove: (...removal) => {
        time.abort(new Error('late'));
        return stockStore.posts.remove(...removal);
      },
    };
    await expect(service(posts).removeByAuthor(author, time.signal)).rejects.toThrow('late');
    expect(await remains(author)).toEqual({ living: 25, buried: 20 });
  });
});

test('a post that is written while its author is being deleted goes with the others', async () => {
  const author = await writer(0);
  const looks = [false, true];
  const creating = service(stockStore.posts, () => looks.shift() ?? true);
  await expect(
    creating.create({ kind: 'user', userId: author, admin: false }, content),
  ).rejects.toMatchObject({ code: 'account_deleted' });
  expect(await remains(author)).toEqual({ living: 0, buried: 1 });
});

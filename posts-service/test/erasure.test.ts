import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userId, type UserId } from '../src/domain/author.ts';
import type { AuthorsService } from '../src/domain/authors.service.ts';
import { newPostId } from '../src/data/post.model.ts';
import { createPostsService } from '../src/domain/posts.service.ts';
import type { PostRepository } from '../src/domain/post.repository.ts';
import { openLedger, Crash, type Ledger } from './ledger.ts';

let ledger: Ledger;
let count = 0;

beforeAll(async () => {
  ledger = await openLedger();
}, 60_000);
afterAll(() => ledger.close());

/** The service on real posts; `erased` says whether the author is, each time that somebody looks. */
function service(posts: PostRepository = ledger.posts, erased: () => boolean = () => false) {
  const authors: AuthorsService = {
    find: async () => undefined,
    findCopies: async () => new Map(),
    isErased: async () => erased(),
    learn: async () => undefined,
    erase: async () => undefined,
  };
  return createPostsService({ posts, authors, newId: newPostId, now: () => new Date() });
}

const content = { title: 'x', content: 'x', tags: [], status: 'published' as const };

async function writer(posts: number): Promise<UserId> {
  const author = userId(`writer-${(count += 1)}`);
  for (let n = 0; n < posts; n += 1)
    await service().create({ kind: 'person', userId: author, admin: false }, content);
  return author;
}

/** What the documents of an author's posts hold: those that live, and the news of each deletion. */
async function remains(author: UserId) {
  const documents = await ledger.postModel.find({}, { outbox: 1, authorId: 1 }).lean();
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
    ...ledger.posts,
    remove: async (...removal) => {
      if (left === 0) throw new Crash('killed');
      left -= 1;
      return ledger.posts.remove(...removal);
    },
  };
}

describe('deleting all of an author’s posts', () => {
  test.each([0, 1, 7, 24])('goes on after a crash at the one after %i of 25', async (survived) => {
    const author = await writer(25);
    await expect(service(dyingAfter(survived)).removeAllOf(author)).rejects.toThrow(Crash);
    expect((await remains(author)).living).toBeGreaterThanOrEqual(25 - survived);
    await service().removeAllOf(author);
    expect(await remains(author)).toEqual({ living: 0, buried: 25 });
  });

  test('by two handlers at once tells of each post once', async () => {
    const author = await writer(25);
    await Promise.all([service().removeAllOf(author), service().removeAllOf(author)]);
    expect(await remains(author)).toEqual({ living: 0, buried: 25 });
  });

  test('ends between two batches when its time is up', async () => {
    const author = await writer(45);
    const time = new AbortController();
    const posts: PostRepository = {
      ...ledger.posts,
      remove: (...removal) => {
        time.abort(new Error('late'));
        return ledger.posts.remove(...removal);
      },
    };
    await expect(service(posts).removeAllOf(author, time.signal)).rejects.toThrow('late');
    expect(await remains(author)).toEqual({ living: 25, buried: 20 });
  });
});

test('a post that is written while its author is being deleted goes with the others', async () => {
  const author = await writer(0);
  const looks = [false, true];
  const creating = service(ledger.posts, () => looks.shift() ?? true);
  await expect(
    creating.create({ kind: 'person', userId: author, admin: false }, content),
  ).rejects.toMatchObject({ code: 'account_deleted' });
  expect(await remains(author)).toEqual({ living: 0, buried: 1 });
});

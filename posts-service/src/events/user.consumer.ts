import { on, type EventConsumer } from '@plaza/messaging';
import { z } from 'zod';
import { toAuthorId } from '../domain/author.ts';
import type { AuthorsService } from '../domain/authors.service.ts';
import type { PostsService } from '../domain/posts.service.ts';

const user = z.object({ userId: z.string().min(1), name: z.string().min(1), email: z.string().min(1) });
const deletedUser = user.pick({ userId: true });

/** A prolific author's posts take their time to delete. An attempt goes on where the one before it ended. */
const DEADLINE_MS = 60_000;

/** Updates the copies of authors, and deletes the posts of deleted users. */
export function userConsumer(authors: AuthorsService, posts: PostsService): EventConsumer {
  const upsertAuthor = on(user, ({ data, seq }) =>
    authors.upsert({ id: toAuthorId(data.userId), name: data.name, email: data.email }, seq),
  );
  return {
    exchange: 'user_events',
    deadlineMs: DEADLINE_MS,
    events: {
      'user.created': upsertAuthor,
      'user.updated': upsertAuthor,
      'user.deleted': on(deletedUser, async ({ data, seq }, { signal }) => {
        const id = toAuthorId(data.userId);
        await authors.markDeleted(id, seq);
        await posts.removeByAuthor(id, signal);
      }),
    },
  };
}

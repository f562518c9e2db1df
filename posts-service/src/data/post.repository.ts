import type { Outbox } from '@plaza/messaging';
import type { Model } from 'mongoose';
import type { Post } from '../domain/post.ts';
import type { PostRepository } from '../domain/post.repository.ts';
import { ALIVE, toPost, WITHOUT_BOOKS, type PostDocument } from './post.document.ts';
import { listPosts } from './post.list.ts';
import { STATE_FIELDS } from './post.model.ts';

export function createPostRepository(
  model: Model<PostDocument>,
  outbox: Outbox,
  now: () => Date,
): PostRepository {
  return {
    byId: async (id) => {
      const found = await model.findOne({ _id: id, ...ALIVE }, WITHOUT_BOOKS).lean();
      return found === null ? null : toPost(found);
    },

    list: (query, actor) => listPosts(model, query, actor),

    ofAuthor: async (authorId, limit) => {
      const found = await model
        .find({ authorId, ...ALIVE }, WITHOUT_BOOKS)
        .limit(limit)
        .lean();
      return found.map(toPost);
    },

    add: ({ state, events }) => {
      const { id, seq: _seq, ...content } = state;
      return outbox.insert(id, { ...content, reservations: [] }, events);
    },

    save: ({ state, events }) => outbox.save(state, updateTo(state), events),

    remove: (post, { events }) =>
      outbox.save(post, { set: { deletedAt: now() }, unset: Object.keys(STATE_FIELDS) }, events),
  };
}

/** What the author says, and nothing else: what orders hold is written beside it all the time. */
function updateTo({ title, content, tags, status, offer, updatedAt }: Post) {
  const said = { title, content, tags, status, updatedAt };
  return offer === undefined ? { set: said, unset: ['offer'] } : { set: { ...said, offer } };
}

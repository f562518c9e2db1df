import type { Outbox } from '@plaza/messaging';
import type { Model } from 'mongoose';
import type { Post } from '../domain/post.ts';
import type { PostRepository } from '../domain/post.repository.ts';
import { NOT_DELETED, toPost, WITHOUT_LEDGER, type PostDocument } from './post.document.ts';
import { listPosts } from './list-posts.ts';
import { STATE_FIELDS } from './post.model.ts';

export function createPostRepository(
  model: Model<PostDocument>,
  outbox: Outbox,
  now: () => Date,
): PostRepository {
  return {
    findById: async (id) => {
      const found = await model.findOne({ _id: id, ...NOT_DELETED }, WITHOUT_LEDGER).lean();
      return found === null ? null : toPost(found);
    },

    list: (query, actor) => listPosts(model, query, actor),

    findByAuthor: async (authorId, limit) => {
      const found = await model
        .find({ authorId, ...NOT_DELETED }, WITHOUT_LEDGER)
        .limit(limit)
        .lean();
      return found.map(toPost);
    },

    add: ({ state, events }) => {
      const { id, seq: _seq, ...content } = state;
      return outbox.insert(id, { ...content, reservations: [] }, events);
    },

    save: ({ state, events }) => outbox.save(state, toUpdate(state), events),

    remove: (post, { events }) =>
      outbox.save(post, { set: { deletedAt: now() }, unset: Object.keys(STATE_FIELDS) }, events),
  };
}

/** What the author says, and nothing else: what orders hold is written beside it all the time. */
function toUpdate({ title, content, tags, status, offer, updatedAt }: Post) {
  const said = { title, content, tags, status, updatedAt };
  return offer === undefined ? { set: said, unset: ['offer'] } : { set: { ...said, offer } };
}

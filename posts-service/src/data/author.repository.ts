import type { Model, QueryFilter, UpdateQuery } from 'mongoose';
import { toAuthorId, type Author } from '../domain/author.ts';
import type { AuthorRepository } from '../domain/author.repository.ts';
import type { AuthorDocument } from './author.model.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';

export function createAuthorRepository(model: Model<AuthorDocument>, now: () => Date): AuthorRepository {
  return {
    findById: async (id) => {
      const found = await model.findOne({ _id: id }).lean();
      if (found === null) return 'unknown';
      return toAuthor(found) ?? 'deleted';
    },

    findByIds: async (ids) => {
      const found = await model.find({ _id: { $in: ids } }).lean();
      return found.flatMap((document) => toAuthor(document) ?? []);
    },

    upsert: ({ id, name, email }, seq) =>
      upsert(model, { _id: id, seq: { $lt: seq }, ...NOT_DELETED }, { $set: { seq, name, email } }),

    insertIfAbsent: async ({ id, name, email }) => {
      await upsert(model, { _id: id }, { $setOnInsert: { seq: 0, name, email } });
    },

    markDeleted: (id, seq) =>
      upsert(
        model,
        { _id: id, ...NOT_DELETED },
        {
          $set: { seq, deletedAt: now() },
          $unset: { name: 1, email: 1 },
        },
      ),
  };
}

const NOT_DELETED = { deletedAt: { $exists: false } } as const;

/**
 * Writes if the condition holds or there is no such document. Where the condition does not hold, or another
 * inserts at the same time, an upsert tries to insert a second one, in vain: then only the condition counts.
 */
async function upsert(
  model: Model<AuthorDocument>,
  condition: QueryFilter<AuthorDocument>,
  update: UpdateQuery<AuthorDocument>,
): Promise<void> {
  try {
    await model.updateOne(condition, update, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await model.updateOne(condition, update);
  }
}

function toAuthor({ _id, name, email, deletedAt }: AuthorDocument): Author | undefined {
  if (deletedAt !== undefined || name === undefined) return undefined;
  return { id: toAuthorId(_id), name, ...(email === undefined ? {} : { email }) };
}

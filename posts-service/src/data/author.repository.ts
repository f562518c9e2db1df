import type { Model, QueryFilter, UpdateQuery } from 'mongoose';
import { userId, type Author } from '../domain/author.ts';
import type { AuthorRepository } from '../domain/author.repository.ts';
import type { AuthorDocument } from './author.model.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';

export function createAuthorRepository(model: Model<AuthorDocument>, now: () => Date): AuthorRepository {
  return {
    byId: async (id) => {
      const found = await model.findOne({ _id: id }).lean();
      if (found === null) return 'unknown';
      return authorOf(found) ?? 'erased';
    },

    byIds: async (ids) => {
      const found = await model.find({ _id: { $in: ids } }).lean();
      return found.flatMap((document) => authorOf(document) ?? []);
    },

    learn: ({ id, name, email }, seq) =>
      upsert(model, { _id: id, seq: { $lt: seq }, ...ALIVE }, { $set: { seq, name, email } }),

    addUnlessPresent: async ({ id, name, email }) => {
      await upsert(model, { _id: id }, { $setOnInsert: { seq: 0, name, email } });
    },

    erase: (id, seq) =>
      upsert(
        model,
        { _id: id, ...ALIVE },
        {
          $set: { seq, deletedAt: now() },
          $unset: { name: 1, email: 1 },
        },
      ),
  };
}

const ALIVE = { deletedAt: { $exists: false } } as const;

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

function authorOf({ _id, name, email, deletedAt }: AuthorDocument): Author | undefined {
  if (deletedAt !== undefined || name === undefined) return undefined;
  return { id: userId(_id), name, ...(email === undefined ? {} : { email }) };
}

import mongoose from 'mongoose';

const DUPLICATE_KEY = 11_000;

/**
 * Whether a write would have broken a unique index. Which one, an error does not reliably say: mongod does,
 * FerretDB only for inserts and updates. For a findAndModify it answers with PostgreSQL's own words.
 */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoServerError)) return false;
  return error.code === DUPLICATE_KEY || error.message.includes('violates exclusion constraint');
}

import mongoose from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** Whether a write would have broken a unique index. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

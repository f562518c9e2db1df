import mongoose from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** Whether a write would have broken a unique index: somebody else was first. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/** Makes a document that may be there already; false where it is. */
export async function insertedFirst(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

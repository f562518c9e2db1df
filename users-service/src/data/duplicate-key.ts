import mongoose from 'mongoose';

const DUPLICATE_KEY = 11_000;

/** Whether a write would have broken a unique index. */
export function isDuplicateKey(error: unknown): error is mongoose.mongo.MongoServerError {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * The field whose unique index a write would have broken, or undefined for any other error. mongod names
 * the field in `keyPattern`; FerretDB names only the index, in the message, and it is called `FIELD_1`.
 */
export function takenField(error: unknown): string | undefined {
  if (!isDuplicateKey(error)) return undefined;
  const [field] = Object.keys(error['keyPattern'] ?? {});
  return field ?? /Index '(\w+)_1'/.exec(error.message)?.[1];
}

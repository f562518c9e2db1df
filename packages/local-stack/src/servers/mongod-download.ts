import { join } from 'node:path';
import { cache } from '../paths.ts';

const options = { version: '8.2.6', downloadDir: join(cache, 'mongod') };

/** The mongod that an earlier run downloaded. */
export async function downloadedMongod(): Promise<string | undefined> {
  const { DryMongoBinary } = await downloader();
  return DryMongoBinary.locateBinary(options);
}

/** Downloads a mongod for this machine from MongoDB's site; undefined where that cannot be done. */
export async function downloadMongod(): Promise<string | undefined> {
  const { MongoBinary } = await downloader();
  return MongoBinary.getPath(options).catch(() => undefined);
}

/** Loaded when it is needed: a machine with its own mongod, or MONGODB_URI, never does. */
function downloader(): Promise<typeof import('mongodb-memory-server-core')> {
  return import('mongodb-memory-server-core');
}

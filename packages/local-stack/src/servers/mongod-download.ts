import { join } from 'node:path';
import { cacheDirectory } from '../paths.ts';

const options = { version: '8.2.6', downloadDir: join(cacheDirectory, 'mongod') };

// mongodb-memory-server-core is loaded when it is needed: a machine with a mongod of its own never needs it.

/** The mongod that an earlier run downloaded. */
export async function findDownloadedMongod(): Promise<string | undefined> {
  const { DryMongoBinary } = await import('mongodb-memory-server-core');
  return DryMongoBinary.locateBinary(options);
}

/** Downloads a mongod for this machine from MongoDB's site; undefined where that cannot be done. */
export async function downloadMongod(): Promise<string | undefined> {
  const { MongoBinary } = await import('mongodb-memory-server-core');
  return MongoBinary.getPath(options).catch(() => undefined);
}

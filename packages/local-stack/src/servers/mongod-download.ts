import { join } from 'node:path';
import { cacheDirectory } from '../paths.ts';

const options = { version: '8.2.6', downloadDir: join(cacheDirectory, 'mongod') };

// mongodb-memory-server-core is loaded on demand: a machine with mongod never needs it.

/** The mongod of an earlier download. */
export async function findDownloadedMongod(): Promise<string | undefined> {
  const { DryMongoBinary } = await import('mongodb-memory-server-core');
  return DryMongoBinary.locateBinary(options);
}

/** Downloads a mongod for this machine from MongoDB's site; undefined if that fails. */
export async function downloadMongod(): Promise<string | undefined> {
  const { MongoBinary } = await import('mongodb-memory-server-core');
  return MongoBinary.getPath(options).catch(() => undefined);
}

import mongoose from 'mongoose';
import { retryForever } from './retry.ts';
import type { HealthCheckRegistry } from './health.ts';
import type { Component, Lifecycle } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { mongodbConnectionError } from './service-kit.log-events.ts';

export interface MongoOptions {
  readonly uri: string;
  readonly logger: Logger;
  readonly health: HealthCheckRegistry;
  readonly lifecycle: Lifecycle;
  /**
   * What must be in the database before the service is ready: runs once connected, when the
   * indexes are there. Must bear being run twice, by two replicas too; a failure is tried again.
   */
  readonly prepare?: () => Promise<void>;
}

const SELECTION_MS = 2_000;
/** A server that accepts and says nothing is given up after two of these, and not after a minute. */
const HEARTBEAT_MS = 2_000;

/**
 * A connection of its own (no global Mongoose state) that joins the service's lifecycle and health. It
 * connects with backoff, then makes the indexes of the models that were compiled on it. Commands fail
 * at once while the server is away: nothing is buffered.
 */
export function createMongo(options: MongoOptions): mongoose.Connection {
  const { uri, logger, health, lifecycle, prepare } = options;
  const connection = mongoose.createConnection();
  connection.set('bufferCommands', false);
  connection.set('autoIndex', false);
  connection.on('error', (error: unknown) => logger.error(mongodbConnectionError, { error }));
  const component: Component = {
    name: 'mongodb',
    start: (signal) =>
      retryForever({
        name: 'MongoDB',
        logger,
        signal,
        attempt: async () => {
          await connection.openUri(uri, {
            serverSelectionTimeoutMS: SELECTION_MS,
            heartbeatFrequencyMS: HEARTBEAT_MS,
            connectTimeoutMS: HEARTBEAT_MS,
            socketTimeoutMS: 30_000,
            bufferCommands: false,
            autoIndex: false,
          });
          await connection.syncIndexes();
          await prepare?.();
        },
      }),
    close: () => connection.close(),
  };
  lifecycle.add(component);
  health.add({
    name: 'mongodb',
    group: 'database',
    required: true,
    check: async () => {
      if (connection.readyState !== mongoose.ConnectionStates.connected) throw new Error('not connected');
      await connection.db?.command({ ping: 1 });
      return undefined;
    },
  });
  return connection;
}

const OUTAGES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'PoolClearedOnNetworkError',
]);

/** Codes with which a server says that it is going or not there yet (mongod's error_codes.yml). */
const OUTAGE_CODES = new Set<unknown>([6, 7, 89, 91, 189, 9001, 10_107, 11_600, 11_602, 13_435, 13_436]);

/** Whether an error of the driver says that the database is away, and nothing about the request. */
export function isMongoOutage(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  if (OUTAGES.has(error.name)) return true;
  if (error.name === 'MongooseError') return error.message.includes('initial connection is complete');
  return error.name === 'MongoServerError' && 'code' in error && OUTAGE_CODES.has(error.code);
}

const DUPLICATE_KEY = 11_000;

/**
 * Whether a write would have broken a unique index. Which one, an error does not reliably say: mongod does,
 * FerretDB only for inserts and updates. For a findAndModify it answers with PostgreSQL's own words.
 */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoServerError)) return false;
  return error.code === DUPLICATE_KEY || error.message.includes('violates exclusion constraint');
}

/** Makes a document that may be there already; false where it is. */
export async function insertIfAbsent(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

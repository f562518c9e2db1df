import { createOutbox } from '@plaza/messaging';
import { testMongo } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { newPostId, postModels } from '../src/data/post.model.ts';
import { createPostRepository } from '../src/data/post.repository.ts';
import { reservationModels, type ReservationDocument } from '../src/data/reservation.model.ts';
import { createReservationRepository } from '../src/data/reservation.repository.ts';
import { createStockRepository } from '../src/data/stock.repository.ts';
import { toAuthorId } from '../src/domain/author.ts';
import { createPost, type PostId } from '../src/domain/post.ts';
import { toReservationOrderId, type ReservationOrderId } from '../src/domain/reservation.ts';
import type { ReservationRepository } from '../src/domain/reservation.repository.ts';
import { createReservationsService } from '../src/domain/reservations.service.ts';
import type { StockRepository } from '../src/domain/stock.repository.ts';

/** Told of the n-th write of a replica, before and after it; what it throws is what the write throws. */
export type WriteInterceptor = (moment: 'before' | 'after', n: number, write: string) => Promise<void> | void;

export class InjectedCrash extends Error {}

export interface StockSnapshot {
  readonly stock: number | undefined;
  readonly held: Record<string, number>;
}

let orders = 0;
export const nextOrderId = (): ReservationOrderId => toReservationOrderId(`order-${(orders += 1)}`);

/** The posts' stock and the orders' reservations on a real database, without a broker: events stay in the outboxes. */
export async function openStockStore() {
  const { uri } = await testMongo();
  const connection = await mongoose.createConnection(uri, { bufferCommands: false }).asPromise();
  const now = () => new Date();
  const postModel = postModels(connection);
  const reservationModel = reservationModels(connection);
  await connection.syncIndexes();
  const posts = createPostRepository(postModel.posts, createOutbox({ model: postModel.outboxed }), now);
  const reservations = createReservationRepository(
    reservationModel.reservations,
    createOutbox({ model: reservationModel.outboxed }),
  );
  const stock = createStockRepository(postModel.posts, reservationModel.reservations, now);

  return {
    posts,
    postModel: postModel.posts,
    uri,
    close: () => connection.close(),

    /** A replica of the service; `intercept` comes between it and each of its writes. */
    replica: (intercept: WriteInterceptor = () => undefined) =>
      createReservationsService({ ...interceptWrites({ reservations, stock }, intercept), now }),

    offer: async (pieces: number): Promise<PostId> => {
      const said = { title: 'x', content: 'x', tags: [], status: 'published' as const };
      const offer = { price: { amount: 100, currency: 'EUR' }, stock: pieces };
      const written = createPost({ ...said, offer, id: newPostId(), authorId: toAuthorId('ada') }, now());
      await posts.add(written);
      return written.state.id;
    },

    snapshotOf: async (post: PostId): Promise<StockSnapshot> => {
      const found = await postModel.posts.findById(post).lean();
      const held = (found?.reservations ?? []).map((hold) => [hold.orderId, hold.quantity] as const);
      return { stock: found?.offer?.stock, held: Object.fromEntries(held) };
    },

    /** Where the reservation stands, and what was told of it, in order. */
    reservationState: async (order: ReservationOrderId) => {
      const found = await reservationModel.reservations.findById(order).lean();
      return { status: found?.status, events: (found?.outbox ?? []).map(({ eventType }) => eventType) };
    },

    /** A reservation that was begun long ago and not finished. */
    createAbandoned: async (order: string, state: Pick<ReservationDocument, 'status' | 'items'>) => {
      const long = new Date(0);
      const times = { unfinishedSince: long, createdAt: long, updatedAt: long };
      await reservationModel.reservations.create({ _id: order, ...state, ...times, seq: 1, outbox: [] });
    },

    event: async (order: ReservationOrderId) => {
      const found = await reservationModel.reservations.findById(order).lean();
      return found?.outbox.at(-1)?.data;
    },
  };
}

export type StockStore = Awaited<ReturnType<typeof openStockStore>>;

function interceptWrites(
  ports: { reservations: ReservationRepository; stock: StockRepository },
  intercept: WriteInterceptor,
) {
  let count = 0;
  const around = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const n = (count += 1);
    await intercept('before', n, name);
    const result = await work();
    await intercept('after', n, name);
    return result;
  };
  const { reservations, stock } = ports;
  return {
    reservations: {
      ...reservations,
      add: (change) => around('add', () => reservations.add(change)),
      save: (change) => around('save', () => reservations.save(change)),
    } satisfies ReservationRepository,
    stock: {
      ...stock,
      reserve: (post, order, quantity) => around('reserve', () => stock.reserve(post, order, quantity)),
      release: (post, order) => around('release', () => stock.release(post, order)),
      consume: (post, order) => around('consume', () => stock.consume(post, order)),
    } satisfies StockRepository,
  };
}

/** Dies at the n-th write: before it, or after it and before its result is returned. */
export function crashAtWrite(moment: 'before' | 'after', at: number): WriteInterceptor {
  return (when, n, name) => {
    if (when === moment && n === at) throw new InjectedCrash(`${moment} write ${n}, ${name}`);
  };
}

/** Stalls before the n-th write, until it is told to go on. */
export function stallAtWrite(at: number) {
  const stalled = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const intercept: WriteInterceptor = async (when, n) => {
    if (when !== 'before' || n !== at) return;
    stalled.resolve();
    await goOn.promise;
  };
  return { intercept, stalled: stalled.promise, goOn: goOn.resolve };
}

import { createOutbox } from '@plaza/messaging';
import { testMongo } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { newPostId, postModels } from '../src/data/post.model.ts';
import { createPostRepository } from '../src/data/post.repository.ts';
import { reservationModels, type ReservationDocument } from '../src/data/reservation.model.ts';
import { createReservationRepository } from '../src/data/reservation.repository.ts';
import { createStock } from '../src/data/stock.repository.ts';
import { userId } from '../src/domain/author.ts';
import { write, type PostId } from '../src/domain/post.ts';
import { orderId, type OrderId } from '../src/domain/reservation.ts';
import type { ReservationRepository } from '../src/domain/reservation.repository.ts';
import { createReservationsService } from '../src/domain/reservations.service.ts';
import type { Stock } from '../src/domain/stock.ts';

/** Told of the n-th write of a replica, before and after it; what it throws is what the write throws. */
export type Interception = (moment: 'before' | 'after', n: number, write: string) => Promise<void> | void;

export class Crash extends Error {}

export interface Books {
  readonly stock: number | undefined;
  readonly held: Record<string, number>;
}

let orders = 0;
export const newOrder = (): OrderId => orderId(`order-${(orders += 1)}`);

/** The posts' stock and the orders' reservations on a real database, without a broker: events stay in the outboxes. */
export async function openLedger() {
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
  const stock = createStock(postModel.posts, reservationModel.reservations, now);

  return {
    posts,
    postModel: postModel.posts,
    uri,
    close: () => connection.close(),

    /** A replica of the service; `intercept` comes between it and each of its writes. */
    replica: (intercept: Interception = () => undefined) =>
      createReservationsService({ ...intercepted({ reservations, stock }, intercept), now }),

    offer: async (pieces: number): Promise<PostId> => {
      const said = { title: 'x', content: 'x', tags: [], status: 'published' as const };
      const offer = { price: { amount: 100, currency: 'EUR' }, stock: pieces };
      const written = write({ ...said, offer, id: newPostId(), authorId: userId('ada') }, now());
      await posts.add(written);
      return written.state.id;
    },

    booksOf: async (post: PostId): Promise<Books> => {
      const found = await postModel.posts.findById(post).lean();
      const held = (found?.reservations ?? []).map((hold) => [hold.orderId, hold.quantity] as const);
      return { stock: found?.offer?.stock, held: Object.fromEntries(held) };
    },

    /** Where the reservation stands, and what was told of it, in order. */
    story: async (order: OrderId) => {
      const found = await reservationModel.reservations.findById(order).lean();
      return { status: found?.status, events: (found?.outbox ?? []).map(({ eventType }) => eventType) };
    },

    /** A reservation that somebody began long ago and left. */
    leaveBehind: async (order: string, state: Pick<ReservationDocument, 'status' | 'items'>) => {
      const long = new Date(0);
      const times = { unfinishedSince: long, createdAt: long, updatedAt: long };
      await reservationModel.reservations.create({ _id: order, ...state, ...times, seq: 1, outbox: [] });
    },

    event: async (order: OrderId) => {
      const found = await reservationModel.reservations.findById(order).lean();
      return found?.outbox.at(-1)?.data;
    },
  };
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

function intercepted(ports: { reservations: ReservationRepository; stock: Stock }, intercept: Interception) {
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
      take: (post, order, quantity) => around('take', () => stock.take(post, order, quantity)),
      giveBack: (post, order) => around('giveBack', () => stock.giveBack(post, order)),
      sell: (post, order) => around('sell', () => stock.sell(post, order)),
    } satisfies Stock,
  };
}

/** Dies at the n-th write: before it is made, or before anybody hears that it was. */
export function crashing(moment: 'before' | 'after', at: number): Interception {
  return (when, n, name) => {
    if (when === moment && n === at) throw new Crash(`${moment} write ${n}, ${name}`);
  };
}

/** Stalls before the n-th write, until it is told to go on. */
export function stalling(at: number) {
  const stalled = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const intercept: Interception = async (when, n) => {
    if (when !== 'before' || n !== at) return;
    stalled.resolve();
    await goOn.promise;
  };
  return { intercept, stalled: stalled.promise, goOn: goOn.resolve };
}

import type { Model } from 'mongoose';
import { toPostId } from '../domain/post.ts';
import { toReservationOrderId } from '../domain/reservation.ts';
import type { StockRepository, StockReservationResult } from '../domain/stock.repository.ts';
import { NOT_DELETED, type PostDocument } from './post.document.ts';
import type { ReservationDocument } from './reservation.model.ts';

const TERMINAL_STATUSES: readonly ReservationDocument['status'][] = ['rejected', 'released', 'consumed'];

/** Every write raises `seq`, so that an author's edit which read another stock notices. */
export function createStockRepository(
  posts: Model<PostDocument>,
  reservations: Model<ReservationDocument>,
  now: () => Date,
): StockRepository {
  async function stateOf(post: string, order: string) {
    const [found] = await posts.aggregate<Pick<PostDocument, 'status' | 'offer'> & { held: boolean }>([
      { $match: { _id: post, ...NOT_DELETED } },
      { $project: { status: 1, offer: 1, held: { $in: [{ $literal: order }, '$reservations.orderId'] } } },
    ]);
    const offered = found?.status === 'published' ? found.offer : undefined;
    return { held: found?.held === true, forSale: offered !== undefined, left: offered?.stock ?? 0 };
  }

  async function reserve(post: string, order: string, quantity: number): Promise<StockReservationResult> {
    const { modifiedCount } = await posts.updateOne(
      {
        _id: post,
        status: 'published',
        'offer.stock': { $gte: quantity },
        'reservations.orderId': { $ne: order },
      },
      {
        $inc: { 'offer.stock': -quantity, seq: 1 },
        $push: { reservations: { orderId: order, quantity, at: now() } },
      },
    );
    if (modifiedCount === 1) return { reserved: true };
    const { held, forSale, left } = await stateOf(post, order);
    if (held) return { reserved: true };
    if (left >= quantity) return reserve(post, order, quantity); // another order released some in between
    return { reserved: false, reason: forSale ? 'out_of_stock' : 'not_for_sale', left };
  }

  return {
    reserve,

    release: async (post, order) => {
      await posts.collection.updateOne({ _id: post, 'reservations.orderId': order }, [
        {
          $set: {
            seq: { $add: ['$seq', 1] },
            offer: offerWithHeldBy(order),
            reservations: heldByOthersThan(order),
          },
        },
      ]);
    },

    consume: async (post, order) => {
      await posts.updateOne(
        { _id: post, 'reservations.orderId': order },
        { $inc: { seq: 1 }, $pull: { reservations: { orderId: order } } },
      );
    },

    available: async (post) => {
      const found = await posts.findOne({ _id: post, status: 'published' }, { offer: 1 }).lean();
      return found?.offer?.stock ?? 0;
    },

    findOrphaned: async (before, limit) => {
      const found = await posts.aggregate<{ _id: string; orderId: string }>([
        { $match: { 'reservations.at': { $lte: before } } },
        { $unwind: '$reservations' },
        { $match: { 'reservations.at': { $lte: before } } },
        {
          $lookup: {
            from: reservations.collection.collectionName,
            localField: 'reservations.orderId',
            foreignField: '_id',
            as: 'order',
          },
        },
        { $match: { 'order.status': { $in: TERMINAL_STATUSES } } },
        { $limit: limit },
        { $project: { orderId: '$reservations.orderId' } },
      ]);
      return found.map((hold) => ({
        postId: toPostId(hold._id),
        orderId: toReservationOrderId(hold.orderId),
      }));
    },
  };
}

/** The offer with what the order holds added to its stock; none where there is none any more. */
function offerWithHeldBy(order: string) {
  const held = {
    $filter: { input: '$reservations', as: 'hold', cond: { $eq: ['$$hold.orderId', { $literal: order }] } },
  };
  const pieces = { $sum: { $map: { input: held, as: 'hold', in: '$$hold.quantity' } } };
  const fuller = { $mergeObjects: ['$offer', { stock: { $add: ['$offer.stock', pieces] } }] };
  return { $cond: [{ $gt: ['$offer', null] }, fuller, '$$REMOVE'] };
}

function heldByOthersThan(order: string) {
  return {
    $filter: { input: '$reservations', as: 'hold', cond: { $ne: ['$$hold.orderId', { $literal: order }] } },
  };
}

import type { Outbox } from '@plaza/messaging';
import type { Model, QueryFilter } from 'mongoose';
import { orderId, type Order, type OrderId } from '../domain/order.ts';
import type { OrderRepository, Position } from '../domain/order.repository.ts';
import { insertedFirst } from '@plaza/service-kit/mongo';
import type { OrderDocument } from './order.model.ts';

type Conditions = QueryFilter<OrderDocument>;

/** `saved` hears of every change that was made here. */
export function createOrderRepository(
  model: Model<OrderDocument>,
  outbox: Outbox,
  saved: (id: OrderId) => void,
): OrderRepository {
  async function ids(
    conditions: Conditions,
    oldest: 'createdAt' | 'updatedAt',
    limit: number,
  ): Promise<OrderId[]> {
    const found = await model
      .find(conditions, { _id: 1 })
      .sort({ [oldest]: 1 })
      .limit(limit)
      .lean();
    return found.map(({ _id }) => orderId(_id));
  }

  return {
    byId: async (id) => {
      const found = await model.findById(id).lean();
      return found === null ? null : toOrder(found);
    },

    list: async ({ userId, limit, after }) => {
      const found = await model
        .find({
          ...(userId === undefined ? {} : { 'buyer.userId': userId }),
          ...(after === undefined ? {} : olderThan(after)),
        })
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit)
        .lean();
      return found.map(toOrder);
    },

    seqs: async (ids) => {
      const found = await model.find({ _id: { $in: [...ids] } }, { seq: 1 }).lean();
      return new Map(found.map(({ _id, seq }) => [_id, seq]));
    },

    pendingSince: (deadline, limit) =>
      ids({ status: 'pending', createdAt: { $lte: deadline } }, 'createdAt', limit),

    owingSince: (deadline, limit) =>
      ids(
        {
          'payment.state': 'charging',
          status: { $in: ['rejected', 'cancelled'] },
          updatedAt: { $lte: deadline },
        },
        'updatedAt',
        limit,
      ),

    idsOf: (buyer, limit) => ids({ 'buyer.userId': buyer }, 'createdAt', limit),

    add: ({ state: { id, seq: _seq, ...state }, events }) =>
      insertedFirst(() => outbox.insert(id, state, events)),

    save: async ({ state, events }) => {
      const { buyer, status, reason, stock, payment, timeline, updatedAt } = state;
      const set = { buyer, status, stock, payment, timeline, updatedAt };
      const done = await outbox.save(
        { id: state.id, seq: state.seq },
        { set: reason === undefined ? set : { ...set, reason } },
        events,
      );
      if (done) saved(state.id);
      return done;
    },
  };
}

function olderThan({ createdAt, id }: Position) {
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: id } }] };
}

function toOrder(document: OrderDocument): Order {
  const { _id, seq, buyer, items, total, status, reason, stock, payment, timeline } = document;
  const { createdAt, updatedAt } = document;
  return {
    id: orderId(_id),
    seq,
    buyer,
    items,
    total,
    status,
    ...(reason === undefined ? {} : { reason }),
    stock,
    payment,
    timeline,
    createdAt,
    updatedAt,
  };
}

import type { Outbox } from '@plaza/messaging';
import type { Model, QueryFilter } from 'mongoose';
import { toOrderId, type Order, type OrderId } from '../domain/order.ts';
import type { OrderRepository, OrderCursor } from '../domain/order.repository.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';
import type { OrderDocument } from './order.model.ts';

type Conditions = QueryFilter<OrderDocument>;

/** `onSaved` hears of every change that was made here. */
export function createOrderRepository(
  model: Model<OrderDocument>,
  outbox: Outbox,
  onSaved: (id: OrderId) => void,
): OrderRepository {
  async function findIds(
    conditions: Conditions,
    oldest: 'createdAt' | 'updatedAt',
    limit: number,
  ): Promise<OrderId[]> {
    const found = await model
      .find(conditions, { _id: 1 })
      .sort({ [oldest]: 1 })
      .limit(limit)
      .lean();
    return found.map(({ _id }) => toOrderId(_id));
  }

  return {
    findById: async (id) => {
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

    findSeqs: async (ids) => {
      const found = await model.find({ _id: { $in: [...ids] } }, { seq: 1 }).lean();
      return new Map(found.map(({ _id, seq }) => [_id, seq]));
    },

    findPendingSince: (deadline, limit) =>
      findIds({ status: 'pending', createdAt: { $lte: deadline } }, 'createdAt', limit),

    findRefundDueSince: (deadline, limit) =>
      findIds(
        {
          'payment.state': 'charging',
          status: { $in: ['rejected', 'cancelled'] },
          updatedAt: { $lte: deadline },
        },
        'updatedAt',
        limit,
      ),

    findIdsByBuyer: (buyer, limit) => findIds({ 'buyer.userId': buyer }, 'createdAt', limit),

    add: ({ state: { id, seq: _seq, ...state }, events }) =>
      insertIfAbsent(() => outbox.insert(id, state, events)),

    save: async ({ state, events }) => {
      const { buyer, status, reason, stock, payment, timeline, updatedAt } = state;
      const set = { buyer, status, stock, payment, timeline, updatedAt };
      const done = await outbox.save(
        { id: state.id, seq: state.seq },
        { set: reason === undefined ? set : { ...set, reason } },
        events,
      );
      if (done) onSaved(state.id);
      return done;
    },
  };
}

function olderThan({ createdAt, id }: OrderCursor) {
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: id } }] };
}

function toOrder(document: OrderDocument): Order {
  const { _id, seq, buyer, items, total, status, reason, stock, payment, timeline } = document;
  const { createdAt, updatedAt } = document;
  return {
    id: toOrderId(_id),
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

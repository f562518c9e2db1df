import type { Outbox } from '@plaza/messaging';
import type { Model } from 'mongoose';
import { toPostId } from '../domain/post.ts';
import { isStable, toReservationOrderId, type Reservation } from '../domain/reservation.ts';
import type { ReservationRepository } from '../domain/reservation.repository.ts';
import { isDuplicateKey } from '@plaza/service-kit/mongo';
import type { ReservationDocument } from './reservation.model.ts';

export function createReservationRepository(
  model: Model<ReservationDocument>,
  outbox: Outbox,
): ReservationRepository {
  return {
    findByOrder: async (id) => {
      const found = await model.findOne({ _id: id }, { outbox: 0 }).lean();
      return found === null ? null : toReservation(found);
    },

    add: async ({ state, events }) => {
      try {
        await outbox.insert(state.orderId, { ...stateOf(state), ...unfinished(state) }, events);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    save: ({ state, events }) => {
      const at = { id: state.orderId, seq: state.seq };
      return isStable(state)
        ? outbox.save(at, { set: stateOf(state), unset: ['unfinishedSince'] }, events)
        : outbox.save(at, { set: { ...stateOf(state), ...unfinished(state) } }, events);
    },

    findUnfinished: async (before, limit) => {
      const found = await model
        .find({ unfinishedSince: { $lte: before } }, { _id: 1 })
        .sort({ unfinishedSince: 1 })
        .limit(limit)
        .lean();
      return found.map(({ _id }) => toReservationOrderId(_id));
    },
  };
}

function stateOf({ status, items, refusal, createdAt, updatedAt }: Reservation) {
  return { status, items, ...(refusal === undefined ? {} : { refusal }), createdAt, updatedAt };
}

function unfinished(state: Reservation): { readonly unfinishedSince?: Date } {
  return isStable(state) ? {} : { unfinishedSince: state.updatedAt };
}

function toReservation(document: Omit<ReservationDocument, 'outbox'>): Reservation {
  const { _id, seq, status, refusal, createdAt, updatedAt } = document;
  const items = document.items.map((item) => ({ postId: toPostId(item.postId), quantity: item.quantity }));
  const common = { orderId: toReservationOrderId(_id), seq, items, createdAt, updatedAt };
  if (status !== 'rejecting' && status !== 'rejected') return { ...common, status };
  if (refusal === undefined) throw new Error(`The reservation of order ${_id} is ${status} for no reason.`);
  const { reason, shortages } = refusal;
  return { ...common, status, refusal: { reason, shortages } };
}

import { changed, unchanged, type Change } from '@plaza/domain';
import type { PostId } from './post.ts';
import { stockRejected, stockReleased, stockReserved, type StockEvent } from './reservation.events.ts';

export type ReservationOrderId = string & { readonly brand: 'ReservationOrderId' };

/** Takes a text for what it is said to be: what a client, a message or the database has as one. */
export function toReservationOrderId(id: string): ReservationOrderId;
export function toReservationOrderId(id: string): string {
  return id;
}

export interface ReservationItem {
  readonly postId: PostId;
  readonly quantity: number;
}

/** A piece that is wanted and not there. */
export interface Shortage {
  readonly postId: PostId;
  readonly wanted: number;
  readonly left: number;
}

export type RejectionReason = 'out_of_stock' | 'not_for_sale';

export interface Rejection {
  readonly reason: RejectionReason;
  readonly shortages: readonly Shortage[];
}

/**
 * The states of a reservation. Those in the first line are stable. In those of the second line some posts are written
 * and some are not, and the next handler that finds the reservation continues.
 */
export type ReservationStatus =
  | 'reserved' | 'rejected' | 'released' | 'consumed'
  | 'reserving' | 'rejecting' | 'abandoning' | 'releasing' | 'consuming'; // prettier-ignore

type RejectionStatus = 'rejecting' | 'rejected';

/** What an order holds of the posts' stock: all of its items, or none. */
export type Reservation = {
  readonly orderId: ReservationOrderId;
  readonly seq: number;
  /** Sorted by post, and each post once. */
  readonly items: readonly ReservationItem[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
} & (
  | { readonly status: RejectionStatus; readonly refusal: Rejection }
  | { readonly status: Exclude<ReservationStatus, RejectionStatus>; readonly refusal?: undefined }
);

type ReservationTransition = Change<Reservation, StockEvent>;

/**
 * A reservation before anything is taken. Orders take in the order of the posts' ids, so that of two that want
 * the same posts the first to take one gets all, and they do not turn each other away.
 */
export function createReservation(
  orderId: ReservationOrderId,
  items: readonly ReservationItem[],
  now: Date,
): Change<Reservation, never> {
  const quantities = new Map<PostId, number>();
  for (const { postId, quantity } of items) {
    quantities.set(postId, (quantities.get(postId) ?? 0) + quantity);
  }
  const merged = [...quantities].map(([postId, quantity]) => ({ postId, quantity }));
  const sorted = merged.sort((one, other) => (one.postId < other.postId ? -1 : 1));
  return unchanged({ orderId, seq: 0, status: 'reserving', items: sorted, createdAt: now, updatedAt: now });
}

/** An order that ended before it was heard of: when the news of it comes, nothing is to be taken. */
export function createReleasedReservation(
  orderId: ReservationOrderId,
  now: Date,
): Change<Reservation, never> {
  return unchanged({ orderId, seq: 0, status: 'released', items: [], createdAt: now, updatedAt: now });
}

/** Everything is taken. */
export function confirmReservation(reservation: Reservation, now: Date): ReservationTransition {
  return changed(withStatus(reservation, 'reserved', now), stockReserved(reservation));
}

/** Something is not to be had: what is taken goes back. */
export function rejectReservation(
  reservation: Reservation,
  refusal: Rejection,
  now: Date,
): ReservationTransition {
  return unchanged({ ...reservation, status: 'rejecting', refusal, updatedAt: now });
}

/** The order was rejected or cancelled. */
export function releaseReservation(reservation: Reservation, now: Date): ReservationTransition {
  switch (reservation.status) {
    case 'reserving':
      return unchanged(withStatus(reservation, 'abandoning', now));
    case 'reserved':
      return unchanged(withStatus(reservation, 'releasing', now));
    default: // it is on its way to that already, or sold: what is confirmed is not cancelled any more
      return unchanged(reservation);
  }
}

/** The order was confirmed: what it holds is sold. Of one that was cancelled since, nothing is. */
export function consumeReservation(reservation: Reservation, now: Date): ReservationTransition {
  return reservation.status === 'reserved'
    ? unchanged(withStatus(reservation, 'consuming', now))
    : unchanged(reservation);
}

/** The posts are written: what was under way is done. */
export function completeReservation(reservation: Reservation, now: Date): ReservationTransition {
  switch (reservation.status) {
    case 'rejecting':
      return changed(
        { ...reservation, status: 'rejected', updatedAt: now },
        stockRejected(reservation, reservation.refusal),
      );
    case 'abandoning': // no event has reported the reservation
      return unchanged(withStatus(reservation, 'released', now));
    case 'releasing':
      return changed(withStatus(reservation, 'released', now), stockReleased(reservation));
    case 'consuming':
      return unchanged(withStatus(reservation, 'consumed', now));
    default:
      return unchanged(reservation);
  }
}

/** Whether an order holds nothing any more, and never will again. */
export function isTerminal({ status }: Reservation): boolean {
  return status === 'rejected' || status === 'released' || status === 'consumed';
}

export function isStable(reservation: Reservation): boolean {
  return reservation.status === 'reserved' || isTerminal(reservation);
}

function withStatus(
  reservation: Reservation,
  status: Exclude<ReservationStatus, RejectionStatus>,
  now: Date,
): Reservation {
  return { ...reservation, status, refusal: undefined, updatedAt: now };
}

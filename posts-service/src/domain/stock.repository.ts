import type { PostId } from './post.ts';
import type { ReservationOrderId, RejectionReason } from './reservation.ts';

export type StockReservationResult =
  | { readonly reserved: true }
  | { readonly reserved: false; readonly reason: RejectionReason; readonly left: number };

/** Something that an order holds of a post. */
export interface StockHold {
  readonly postId: PostId;
  readonly orderId: ReservationOrderId;
}

/**
 * The stock of the posts. Each call is one conditional write to one post, and a repeat of it changes nothing:
 * what an order holds is written down beside the stock that it was taken from, so that
 * stock + all that is held + all that is sold stays what the author offered. A post that is gone, or no
 * offer any more, gives nothing and takes nothing back.
 */
export interface StockRepository {
  /** Reserves pieces for an order, unless it holds some of the post already. */
  reserve(postId: PostId, orderId: ReservationOrderId, quantity: number): Promise<StockReservationResult>;
  /** Gives back what the order holds, if it does. */
  release(postId: PostId, orderId: ReservationOrderId): Promise<void>;
  /** What the order holds is sold: it is held no more, and does not come back. */
  consume(postId: PostId, orderId: ReservationOrderId): Promise<void>;
  /** Pieces to be had now. */
  available(postId: PostId): Promise<number>;
  /** Some of what has been held since `before` by orders that are over, up to `limit`. */
  findOrphaned(before: Date, limit: number): Promise<StockHold[]>;
}

import type { PostId } from './post.ts';
import type { OrderId, RefusalReason } from './reservation.ts';

export type Taken =
  { readonly taken: true } | { readonly taken: false; readonly reason: RefusalReason; readonly left: number };

/** Something that an order holds of a post. */
export interface Hold {
  readonly postId: PostId;
  readonly orderId: OrderId;
}

/**
 * The stock of the posts. Each call is one conditional write to one post, and a repeat of it changes nothing:
 * what an order holds is written down beside the stock that it was taken from, so that
 * stock + all that is held + all that is sold stays what the author offered. A post that is gone, or no
 * offer any more, gives nothing and takes nothing back.
 */
export interface Stock {
  /** Takes pieces for an order, unless it holds some of the post already. */
  take(postId: PostId, orderId: OrderId, quantity: number): Promise<Taken>;
  /** Gives back what the order holds, if it does. */
  giveBack(postId: PostId, orderId: OrderId): Promise<void>;
  /** What the order holds is sold: it is held no more, and does not come back. */
  sell(postId: PostId, orderId: OrderId): Promise<void>;
  /** Pieces to be had now. */
  left(postId: PostId): Promise<number>;
  /** Some of what has been held since `before` by orders that are over, up to `limit`. */
  leftBehind(before: Date, limit: number): Promise<Hold[]>;
}

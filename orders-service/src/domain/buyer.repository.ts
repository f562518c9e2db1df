import type { BuyerId } from './buyer.ts';

/** What an event says of a user, and its place among that user's events. */
export interface UserVersion {
  readonly userId: BuyerId;
  readonly seq: number;
}

/** Our copy of users: their names, or that they are gone. Older news never undo newer ones. */
export interface BuyerRepository {
  /** The names of those that we know and that are not gone. */
  findNames(ids: readonly BuyerId[]): Promise<ReadonlyMap<BuyerId, string>>;
  findById(id: BuyerId): Promise<{ readonly gone: boolean; readonly name?: string | undefined } | null>;
  upsert(user: UserVersion & { readonly name: string }): Promise<void>;
  /** Leaves of the user that they are gone, and that what they left here is to be erased. */
  markDeleted(user: UserVersion): Promise<void>;
  /** Of how many gone users traces may be left here. */
  findPendingErasure(limit: number): Promise<{ readonly userId: BuyerId; readonly goneSince: Date }[]>;
  completeErasure(id: BuyerId): Promise<void>;
}

import type { UserId } from './buyer.ts';

/** What an event says of a user, and its place among that user's events. */
export interface News {
  readonly userId: UserId;
  readonly seq: number;
}

/** Our copy of users: their names, or that they are gone. Older news never undo newer ones. */
export interface BuyerRepository {
  /** The names of those that we know and that are not gone. */
  names(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, string>>;
  find(id: UserId): Promise<{ readonly gone: boolean; readonly name?: string | undefined } | null>;
  learn(news: News & { readonly name: string }): Promise<void>;
  /** Leaves of the user that they are gone, and that what they left here is to be erased. */
  bury(news: News): Promise<void>;
  /** Of how many gone users traces may be left here. */
  toErase(limit: number): Promise<{ readonly userId: UserId; readonly goneSince: Date }[]>;
  erased(id: UserId): Promise<void>;
}

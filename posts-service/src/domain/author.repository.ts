import type { Author, UserId } from './author.ts';

/** `erased` once the user is deleted: nothing more may be learned of them. */
export type AuthorCopy = Author | 'erased' | 'unknown';

/** This service's own copies of authors. */
export interface AuthorRepository {
  byId(id: UserId): Promise<AuthorCopy>;
  /** Those of the ids that there is a copy of. */
  byIds(ids: readonly UserId[]): Promise<Author[]>;
  /** Keeps what an event says, unless a later one was heard or the user is erased. */
  learn(author: Author, seq: number): Promise<void>;
  /** Keeps what the users service answered, unless there is anything already: an event knows better. */
  addUnlessPresent(author: Author): Promise<void>;
  /** Forgets everything but that the user is erased, for ever. */
  erase(id: UserId, seq: number): Promise<void>;
}

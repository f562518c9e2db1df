import type { Author, AuthorId } from './author.ts';

/** `deleted` once the user is deleted: nothing more may be learned of them. */
export type AuthorLookup = Author | 'deleted' | 'unknown';

/** This service's own copies of authors. */
export interface AuthorRepository {
  findById(id: AuthorId): Promise<AuthorLookup>;
  /** Those of the ids that there is a copy of. */
  findByIds(ids: readonly AuthorId[]): Promise<Author[]>;
  /** Keeps what an event says, unless a later one was heard or the user is deleted. */
  upsert(author: Author, seq: number): Promise<void>;
  /** Keeps what the users service answered, unless there is anything already: an event knows better. */
  insertIfAbsent(author: Author): Promise<void>;
  /** Forgets everything but that the user is deleted, for ever. */
  markDeleted(id: AuthorId, seq: number): Promise<void>;
}

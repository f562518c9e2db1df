import type { EventLog } from '@plaza/errors';
import type { Author, AuthorId } from './author.ts';
import type { AuthorRepository } from './author.repository.ts';
import { authorLookupFailed } from './posts.log-events.ts';

/** Where an author is asked for of whom there is no copy. */
export interface UserDirectory {
  /** @throws {AuthorNotFound}, or anything else where it cannot be asked. */
  getUserById(id: AuthorId): Promise<Author>;
}

export interface AuthorsService {
  /** Undefined where the author is deleted or cannot be known now. */
  find(id: AuthorId): Promise<Author | undefined>;
  /** The authors of whom there is a copy, without a call to the users service. */
  findCopies(ids: readonly AuthorId[]): Promise<ReadonlyMap<AuthorId, Author>>;
  isDeleted(id: AuthorId): Promise<boolean>;
  /** A user was created or updated; `seq` is the event's. */
  upsert(author: Author, seq: number): Promise<void>;
  /** A user was deleted; `seq` is the event's. */
  markDeleted(id: AuthorId, seq: number): Promise<void>;
}

export interface AuthorsServiceDependencies {
  readonly authors: AuthorRepository;
  readonly directory: UserDirectory;
  readonly log: Pick<EventLog, 'warn'>;
}

export function createAuthorsService({
  authors,
  directory,
  log,
}: AuthorsServiceDependencies): AuthorsService {
  const pending = new Map<AuthorId, Promise<Author | undefined>>();

  async function findAuthor(id: AuthorId): Promise<Author | undefined> {
    const copy = await authors.findById(id);
    if (copy === 'deleted') return undefined;
    return copy === 'unknown' ? fetchAuthor(id) : copy;
  }

  async function fetchAuthor(id: AuthorId): Promise<Author | undefined> {
    const author = await directory.getUserById(id).catch((error: unknown) => {
      log.warn(authorLookupFailed, { authorId: id, error });
      return undefined;
    });
    if (author === undefined) return undefined;
    const { name, email } = author;
    await authors.insertIfAbsent({ id, name, email });
    return { id, name, email };
  }

  return {
    /** One look for all who ask at a time: a popular post must not become as many calls as it has readers. */
    find: (id) => {
      const existing = pending.get(id);
      if (existing !== undefined) return existing;
      const author = findAuthor(id).finally(() => pending.delete(id));
      pending.set(id, author);
      return author;
    },
    findCopies: async (ids) => {
      const copies = await authors.findByIds([...new Set(ids)]);
      return new Map(copies.map((author) => [author.id, author]));
    },
    isDeleted: async (id) => (await authors.findById(id)) === 'deleted',
    upsert: authors.upsert,
    markDeleted: authors.markDeleted,
  };
}

import type { Author, UserId } from './author.ts';
import type { AuthorRepository } from './author.repository.ts';

/** Where an author is asked for of whom there is no copy. */
export interface UserDirectory {
  /** @throws {AuthorNotFound}, or anything else where it cannot be asked. */
  getUserById(id: UserId): Promise<Author>;
}

export interface AuthorsService {
  /** Undefined where the author is erased or cannot be known now. */
  find(id: UserId): Promise<Author | undefined>;
  /** Those of whom there is a copy: nobody else is asked. */
  findCopies(ids: readonly UserId[]): Promise<ReadonlyMap<UserId, Author>>;
  isErased(id: UserId): Promise<boolean>;
  /** A user was created or updated; `seq` is the event's. */
  learn(author: Author, seq: number): Promise<void>;
  /** A user was deleted; `seq` is the event's. */
  erase(id: UserId, seq: number): Promise<void>;
}

export interface AuthorsServiceDependencies {
  readonly authors: AuthorRepository;
  readonly directory: UserDirectory;
  readonly log: { warn(message: string, fields: object): void };
}

export function createAuthorsService({
  authors,
  directory,
  log,
}: AuthorsServiceDependencies): AuthorsService {
  const asking = new Map<UserId, Promise<Author | undefined>>();

  async function askFor(id: UserId): Promise<Author | undefined> {
    try {
      const { name, email } = await directory.getUserById(id);
      const author: Author = { id, name, email };
      await authors.addUnlessPresent(author);
      return author;
    } catch (error) {
      log.warn('an author cannot be known now', { authorId: id, error });
      return undefined;
    }
  }

  /** A popular post must not become as many calls as it has readers. */
  function askOnce(id: UserId): Promise<Author | undefined> {
    const underway = asking.get(id);
    if (underway !== undefined) return underway;
    const answer = askFor(id).finally(() => asking.delete(id));
    asking.set(id, answer);
    return answer;
  }

  return {
    find: async (id) => {
      const copy = await authors.byId(id);
      if (copy === 'erased') return undefined;
      return copy === 'unknown' ? askOnce(id) : copy;
    },
    findCopies: async (ids) => {
      const copies = await authors.byIds([...new Set(ids)]);
      return new Map(copies.map((author) => [author.id, author]));
    },
    isErased: async (id) => (await authors.byId(id)) === 'erased',
    learn: authors.learn,
    erase: authors.erase,
  };
}

import type { Author, UserId } from './author.ts';
import type { AuthorRepository } from './author.repository.ts';

/** Where an author is asked for of whom there is no copy. */
export interface UserDirectory {
  /** @throws {UserNotFound}, or anything else where it cannot be asked. */
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
  const looking = new Map<UserId, Promise<Author | undefined>>();

  async function lookUp(id: UserId): Promise<Author | undefined> {
    const copy = await authors.byId(id);
    if (copy === 'erased') return undefined;
    return copy === 'unknown' ? askFor(id) : copy;
  }

  async function askFor(id: UserId): Promise<Author | undefined> {
    const author = await directory.getUserById(id).catch((error: unknown) => {
      log.warn('an author cannot be known now', { authorId: id, error });
      return undefined;
    });
    if (author === undefined) return undefined;
    const { name, email } = author;
    await authors.addUnlessPresent({ id, name, email });
    return { id, name, email };
  }

  return {
    /** One look for all who ask at a time: a popular post must not become as many calls as it has readers. */
    find: (id) => {
      const underway = looking.get(id);
      if (underway !== undefined) return underway;
      const answer = lookUp(id).finally(() => looking.delete(id));
      looking.set(id, answer);
      return answer;
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

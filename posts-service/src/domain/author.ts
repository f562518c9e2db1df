import { canView, type Actor } from './actor.ts';

export type AuthorId = string & { readonly brand: 'AuthorId' };

/** Takes a text for what it is said to be: what a client, a message or the database has as one. */
export function toAuthorId(id: string): AuthorId;
export function toAuthorId(id: string): string {
  return id;
}

/** What this service knows of a user: what it shows beside their posts. */
export interface Author {
  readonly id: AuthorId;
  readonly name: string;
  /** Absent where it may not be seen, or was not told. */
  readonly email?: string | undefined;
}

/** An author without what the actor may not see. */
export function redactFor({ email, ...author }: Author, actor: Actor): Author {
  return email !== undefined && canView(actor, author.id) ? { ...author, email } : author;
}

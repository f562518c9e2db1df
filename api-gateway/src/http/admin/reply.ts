import { timingSafeEqual, createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/** What Kong's Admin API says of an error. */
export interface KongError {
  readonly message: string;
  readonly name?: string;
  readonly code?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });

/** Kong pages its lists; these are short, and there is never a next page. */
export const list = (data: readonly unknown[]): Reply => ok({ data, next: null });

export const notFound: Reply = { status: 404, body: { message: 'Not found' } satisfies KongError };

/** Kong's number for a schema violation is 2. */
export function invalid(fields: Readonly<Record<string, string>>): Reply {
  const words = Object.entries(fields).map(([field, words]) => `${field}: ${words}`);
  const body: KongError = {
    message: `schema violation (${words.join('; ')})`,
    name: 'schema violation',
    code: 2,
    fields,
  };
  return { status: 400, body };
}

/** A handler that says what is answered. */
export const answering =
  (handle: (request: Request, response: Response) => Reply | Promise<Reply>): RequestHandler =>
  async (request, response) => {
    const { status, body } = await handle(request, response);
    response.status(status);
    if (body === undefined) response.end();
    else response.json(body);
  };

/** In a time that says nothing about where they differ. */
export const sameSecret = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

const digest = (text: string) => createHash('sha256').update(text).digest();

import { timingSafeEqual, createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/** What Kong's Admin API says of an error (kong/db/errors.lua has the names and numbers). */
export interface KongError {
  readonly message: string;
  readonly name?: string;
  readonly code?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });

export const found = (view: unknown): Reply => (view === undefined ? notFound : ok(view));

export const refuse = (status: number, body: KongError): Reply => ({ status, body });

export const notFound = refuse(404, { message: 'Not found' });

export function invalid(fields: Readonly<Record<string, string>>): Reply {
  const words = Object.entries(fields).map(([field, words]) => `${field}: ${words}`);
  const count = words.length === 1 ? 'schema violation' : `${words.length} schema violations`;
  const message = `${count} (${words.join('; ')})`;
  return refuse(400, { message, name: 'schema violation', code: 2, fields });
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

/** A parameter of the path. */
export const param = ({ params }: Request, name: string): string => params[name]?.toString() ?? '';

/** In a time that says nothing about where they differ. */
export const sameSecret = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

const digest = (text: string) => createHash('sha256').update(text).digest();

import { timingSafeEqual, createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/** The error body of Kong's Admin API (names and codes: kong/db/errors.lua). */
export interface KongErrorBody {
  readonly message: string;
  readonly name?: string;
  readonly code?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface AdminResponse {
  readonly status: number;
  readonly body?: unknown;
}

export const ok = (body: unknown): AdminResponse => ({ status: 200, body });

export const okOrNotFound = (view: unknown): AdminResponse => (view === undefined ? notFound : ok(view));

export const errorResponse = (status: number, body: KongErrorBody): AdminResponse => ({ status, body });

export const notFound = errorResponse(404, { message: 'Not found' });

export function schemaViolation(fields: Readonly<Record<string, string>>): AdminResponse {
  const words = Object.entries(fields).map(([field, words]) => `${field}: ${words}`);
  const count = words.length === 1 ? 'schema violation' : `${words.length} schema violations`;
  const message = `${count} (${words.join('; ')})`;
  return errorResponse(400, { message, name: 'schema violation', code: 2, fields });
}

/** A handler that returns the response. */
export const respondWith =
  (
    handle: (request: Request, response: Response) => AdminResponse | Promise<AdminResponse>,
  ): RequestHandler =>
  async (request, response) => {
    const { status, body } = await handle(request, response);
    response.status(status);
    if (body === undefined) response.end();
    else response.json(body);
  };

/** A path parameter. */
export const pathParam = ({ params }: Request, name: string): string => params[name]?.toString() ?? '';

/** Compares in constant time. */
export const secretsEqual = (one: string, other: string) => timingSafeEqual(sha256(one), sha256(other));

const sha256 = (text: string) => createHash('sha256').update(text).digest();

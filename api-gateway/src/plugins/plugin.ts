import type { Caller } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { Request, RequestHandler, Response } from 'express';
import type { Route } from '../declaration/declaration.ts';

/** Whose request it is, as far as that was found out: a token that does not hold is told to nobody yet. */
export type Identity =
  | { readonly caller: Caller; readonly refusal?: never }
  | { readonly caller?: never; readonly refusal: PlazaError };

/** A request that a route was found for. */
export interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly route: Route;
  identity: Identity;
}

/**
 * Does one thing to every request before it is forwarded, in turn with the others. It throws what is to be
 * answered instead, or answers itself and so ends the turn. Return nothing where nothing is waited for.
 */
export type Plugin = (visit: Visit) => Promise<void> | void;

/** An Express middleware as a plugin. */
export function fromMiddleware(handler: RequestHandler): Plugin {
  return ({ request, response }) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const answered = () => resolve();
    response.once('close', answered);
    void handler(request, response, (error?: unknown) => {
      response.off('close', answered);
      if (error === undefined) resolve();
      else reject(Error.isError(error) ? error : new Error('a middleware failed', { cause: error }));
    });
    return promise;
  };
}

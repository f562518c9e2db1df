import type { RequestHandler } from 'express';
import type { RequestContext } from './request-context.ts';

/** Runs an Express middleware as the `access` hook of a plugin. Returns no promise if the middleware calls `next` at once. */
export function fromExpressMiddleware(
  handler: RequestHandler,
): (requestContext: RequestContext) => void | Promise<void> {
  return ({ request, response }) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let failure: unknown;
    let passed = false;
    void handler(request, response, (error?: unknown) => {
      passed = true;
      failure = error;
      if (error === undefined) resolve();
      else reject(toError(error));
    });
    if (passed && failure === undefined) return undefined;
    // Check the flag first: calling `resolve` twice is slower.
    if (!passed) response.once('close', () => void (passed || resolve()));
    return promise;
  };
}

function toError(error: unknown): Error {
  return Error.isError(error) ? error : new Error('a middleware failed', { cause: error });
}

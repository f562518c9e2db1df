import type { RequestHandler } from 'express';
import type { Visit } from './plugin.ts';

/** An Express middleware as the `access` of a plugin. */
export function fromMiddleware(handler: RequestHandler): (visit: Visit) => Promise<void> {
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

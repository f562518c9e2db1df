import type { RequestHandler } from 'express';

/**
 * A request may be answered before all of its body has come: it was refused, or the service knew enough. The
 * rest is read and thrown away, so that the client gets to read the answer; but not for longer than this.
 * @param milliseconds after the answer.
 */
export function drainRequestBody(milliseconds: number): RequestHandler {
  return (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (length !== undefined || encoding !== undefined) {
      response.once('close', () => {
        if (request.complete || request.destroyed) return;
        const patience = setTimeout(() => request.destroy(), milliseconds).unref();
        request.once('close', () => clearTimeout(patience));
      });
    }
    next();
  };
}

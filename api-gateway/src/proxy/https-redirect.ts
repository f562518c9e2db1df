import type { Request, Response } from 'express';
import { HttpsRequired } from './https-required.errors.ts';

const UPGRADE_REQUIRED = 426;

/**
 * Answers an HTTP request for a route that allows HTTPS alone: by a redirect, if the route configures one.
 * @throws {HttpsRequired}
 */
export function redirectToHttps(request: Request, response: Response, status: number): void {
  if (status !== UPGRADE_REQUIRED) {
    response.redirect(status, `https://${request.hostname}${request.originalUrl}`);
    return;
  }
  response.set({ Connection: 'close, Upgrade', Upgrade: 'TLS/1.2, HTTP/1.1' });
  throw new HttpsRequired('This is served over HTTPS only.');
}

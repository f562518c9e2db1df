import type { Request, RequestHandler } from 'express';
import { secretsEqual } from './responses.ts';

/** Addresses, names without a dot (of a compose network) and those of this machine: no page's own domain. */
const LOCAL_HOST = /^(?:\d+(?:\.\d+){3}|\[[\da-f:.]+\]|[\w-]+|[\w.-]+\.localhost)(?::\d{1,5})?$/i;

/**
 * Keeps pages of the web out, which a browser on this machine may show: a page that points its own name at
 * this address (DNS rebinding) says so in Host, one that posts a form from elsewhere in Origin. And whoever
 * does not know the token, where one is set.
 */
export function adminAuth(token: string | undefined): RequestHandler {
  return (request, response, next) => {
    const rejection = findRejection(request, token);
    if (rejection === undefined) next();
    else response.status(rejection.status).json({ message: rejection.message });
  };
}

function findRejection(request: Request, token: string | undefined) {
  const { host = '', origin } = request.headers;
  if (!LOCAL_HOST.test(host))
    return { status: 403, message: `${host} is no name of this machine: ask for localhost or an address.` };
  if (origin !== undefined && URL.parse(origin)?.host !== host)
    return { status: 403, message: 'Pages of other origins may not call this.' };
  if (token !== undefined && !secretsEqual(extractToken(request), token))
    return {
      status: 401,
      message: 'Unauthorized: send ADMIN_TOKEN as Kong-Admin-Token, or as a Bearer token.',
    };
  return undefined;
}

function extractToken({ headers }: Request): string {
  const named = headers['kong-admin-token'];
  if (typeof named === 'string') return named;
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

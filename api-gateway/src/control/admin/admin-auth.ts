import type { Request, RequestHandler } from 'express';
import { secretsEqual } from './responses.ts';

/** Addresses, names without a dot (of a compose network) and local names. The domain of a web page is none of them. */
const LOCAL_HOST = /^(?:\d+(?:\.\d+){3}|\[[\da-f:.]+\]|[\w-]+|[\w.-]+\.localhost)(?::\d{1,5})?$/i;

/**
 * Refuses requests of web pages in a browser on this machine: Host reveals a page whose domain resolves to this
 * address (DNS rebinding), Origin a form of another site. Refuses requests without the token if one is set.
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
    return { status: 403, message: `${host} is no name of this machine: use localhost or an address.` };
  if (origin !== undefined && URL.parse(origin)?.host !== host)
    return { status: 403, message: 'Pages of other origins must not call the Admin API.' };
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

import cors from 'cors';
import { fromMiddleware, type Plugin } from './plugin.ts';

/** What a page of another origin may read besides the headers that every page may. */
const EXPOSED = [
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Location',
  'ETag',
  'Content-Range',
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Seconds that a browser may keep an answer to a preflight: ten minutes, Chromium's most is two hours. */
const MAX_AGE = 600;

/**
 * Lets pages of these origins call. Preflights are answered here; another OPTIONS request goes to the
 * service. No credentials are allowed: Plaza's tokens travel in a header, never in a cookie.
 * @param origins `*` for all.
 */
export function corsPlugin(origins: readonly string[]): Plugin {
  const origin = origins.includes('*') ? '*' : [...origins];
  const shared = { origin, methods: METHODS, exposedHeaders: EXPOSED, maxAge: MAX_AGE };
  return fromMiddleware(
    cors((request, decide) => {
      const preflight = request.headers['access-control-request-method'] !== undefined;
      decide(null, { ...shared, preflightContinue: !preflight });
    }),
  );
}

import cors from 'cors';
import { z } from 'zod';
import { fromMiddleware } from './middleware.ts';
import type { PluginInstance, PluginKind } from './plugin.ts';

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

const schema = z.strictObject({ origins: z.array(z.string()) });

/**
 * Lets pages of these origins call. Preflights are answered here; another OPTIONS request goes to the
 * service. No credentials are allowed: Plaza's tokens travel in a header, never in a cookie.
 */
export const corsPlugin: PluginKind<z.output<typeof schema>> = {
  name: 'cors',
  priority: 2000,
  schema,
  create: ({ origins }): PluginInstance => {
    const origin = origins.includes('*') ? '*' : [...origins];
    const shared = { origin, methods: METHODS, exposedHeaders: EXPOSED, maxAge: MAX_AGE };
    const access = fromMiddleware(
      cors((request, decide) => {
        const preflight = request.headers['access-control-request-method'] !== undefined;
        decide(null, { ...shared, preflightContinue: !preflight });
      }),
    );
    return { access };
  },
};

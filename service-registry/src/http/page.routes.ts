import { eventStream, route, type HttpRoute } from '@plaza/service-kit';
import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { RegistryDraining, TooManyViewers } from '../domain/registry.errors.ts';
import { createAssets } from './page/assets.ts';
import type { LiveUpdates } from './page/live-updates.ts';
import { renderPage } from './page/document.ts';
import { pageUpdateSchema } from './page/update.ts';

/** Allows only the page's own files: a script in a name or a version does not run. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const MAX_QUERY_LENGTH = 200;

/** The web page, at the root. */
export function pageRouter(liveUpdates: LiveUpdates): Router {
  const assets = createAssets();
  const page: RequestHandler = async (request, response) => {
    const { q, reload } = request.query;
    const query = typeof q === 'string' ? q.trim().slice(0, MAX_QUERY_LENGTH) : '';
    const { snapshot, version } = await liveUpdates.current();
    response.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'Cache-Control': 'no-store',
      'X-Frame-Options': 'DENY',
    });
    response.status(snapshot.catalogSnapshot === undefined ? 503 : 200).type('html');
    response.send(renderPage({ snapshot, version, query, reload: reload !== 'off', asset: assets.url }));
  };
  const router = Router();
  router.use(assets.router);
  router.get('/', page);
  return router;
}

/** The stream of updates for the page's script. */
export function pageEventsRoute(liveUpdates: LiveUpdates): HttpRoute {
  return route({
    tag: 'Page',
    method: 'get',
    path: '/page/events',
    summary: 'The live updates of the page',
    auth: 'none',
    input: {
      query: z.strictObject({
        after: z.string().max(64).optional().meta({ description: 'The version of the displayed page' }),
      }),
      headers: z.object({ 'last-event-id': z.string().max(64).optional() }),
    },
    responses: { 200: eventStream(pageUpdateSchema) },
    errors: [TooManyViewers, RegistryDraining],
    handle: ({ query: { after }, headers }) => ({
      status: 200,
      stream: (gone) => liveUpdates.subscribe(headers['last-event-id'] ?? after, gone),
    }),
  });
}

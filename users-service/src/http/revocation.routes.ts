import { Forbidden } from '@plaza/errors';
import { decodeCursor, encodeCursor, hasScope, route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import type { RevocationsService } from '../domain/revocations.service.ts';

const position = z.tuple([z.number(), z.string()]);

const revocationsView = z
  .strictObject({
    items: z.array(z.strictObject({ sessionId: z.string(), until: z.iso.datetime() })),
    next: z.string().meta({ description: 'Send it as ?since= the next time' }),
    more: z.boolean().meta({ description: 'Whether to ask again at once' }),
  })
  .meta({ id: 'Revocations' });

/** Each process that verifies tokens asks every two seconds: its access lines are left out. */
export const REVOCATION_PATHS = /^\/auth\/revocations$/;

/** Revoked sessions, for programs that verify access tokens without a call for each. */
export function revocationRoutes(revocations: RevocationsService): HttpRoute[] {
  return [
    route({
      method: 'get',
      path: '/auth/revocations',
      summary: 'Logins that have ended, of which access tokens could still be valid; for services',
      tag: 'auth',
      auth: 'required',
      input: { query: z.strictObject({ since: z.string().max(1_000).optional() }) },
      responses: { 200: revocationsView },
      errors: [Forbidden],
      handle: async ({ query: { since }, caller }) => {
        if (!hasScope(caller, 'internal')) throw new Forbidden('This is for services.');
        const after = since === undefined ? undefined : decodeCursor(position, since);
        const { items, next, more } = await revocations.list(after);
        return {
          status: 200,
          body: {
            items: items.map(({ sessionId, until }) => ({ sessionId, until: until.toISOString() })),
            next: encodeCursor(next),
            more,
          },
          headers: { 'Cache-Control': 'no-store' },
        };
      },
    }),
  ];
}

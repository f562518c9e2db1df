import { route, type Route } from '@plaza/service-kit';
import type { Request } from 'express';
import { z } from 'zod';
import type { Directory } from '../../domain/directory.ts';
import { consul } from './protocol.ts';

/** Consul's status API: its clients ask here whether somebody is at home. */
export function statusRoutes(directory: Pick<Directory, 'known'>): Route[] {
  const leader = (request: Request) => (canBeWritten(directory) ? (request.get('host') ?? '') : '');
  return [
    route({
      ...consul,
      method: 'get',
      path: '/v1/status/leader',
      summary:
        'The address asked, for as long as the store can be read; else empty, as in Consul without a leader',
      auth: 'none',
      answers: { 200: z.string() },
      handle: ({ request }) => ({ status: 200, body: leader(request) }),
    }),
    route({
      ...consul,
      method: 'get',
      path: '/v1/status/peers',
      summary: 'The address asked: replicas share a store and do not know each other',
      auth: 'none',
      answers: { 200: z.array(z.string()) },
      handle: ({ request }) => ({ status: 200, body: [request.get('host') ?? ''] }),
    }),
  ];
}

function canBeWritten(directory: Pick<Directory, 'known'>): boolean {
  const reading = directory.known();
  return reading !== undefined && reading.staleMs === undefined;
}

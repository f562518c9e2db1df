import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

export interface FakeUsersService {
  readonly url: string;
  stop(): void;
}

const USER = JSON.stringify({
  id: '42',
  _id: '42',
  username: 'ada',
  name: 'Ada Lovelace',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': USER.length,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
};

/** Milliseconds. Longer than the turns of all other competitors, or a proxy's idle connections are closed. */
const KEEP_ALIVE_MS = 300_000;

/** A users service that costs as little as possible. `otherwise` handles paths other than a user's. */
export async function startFakeUsersService(otherwise: RequestListener): Promise<FakeUsersService> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (request.url?.startsWith('/users/')) response.writeHead(200, HEADERS).end(USER);
    else otherwise(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

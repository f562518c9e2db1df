import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ACCESS_TOKENS, listen } from '@plaza/service-kit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** How the server that stands for the posts service responses for a post. */
export type StubResponse = { readonly status: number; readonly body: unknown } | 'silence' | 'hang up';

export interface RecordedRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * A server that stands for two others over real HTTP: the users service's keys, and the posts service's
 * posts. What else they do is their own matter.
 */
export async function startStubServices() {
  const { publicKey, privateKey } = await generateKeyPair(ACCESS_TOKENS.algorithm);
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: ACCESS_TOKENS.algorithm }] };
  const responses = new Map<string, StubResponse>();
  const requests: RecordedRequest[] = [];
  let responseToAll: StubResponse | undefined;

  const handle: RequestListener = (request, response) => {
    const { url = '', headers } = request;
    if (url === '/.well-known/jwks.json') return send(response, { status: 200, body: keys });
    requests.push({ url, headers });
    const stubResponse = responseToAll ??
      responses.get(url) ?? { status: 404, body: { code: 'post_not_found' } };
    return stubResponse === 'hang up' ? request.socket.destroy() : send(response, stubResponse);
  };
  const { port, server, close } = await listen(handle, 0, '127.0.0.1', { requestMs: 0 });

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    respondTo: (id: string, response: StubResponse) => void responses.set(`/posts/${id}`, response),
    /** Every post is answered so, until this is called with nothing. */
    respondToAll: (response?: StubResponse) => void (responseToAll = response),
    /** A token as the users service issues it at a login. */
    accessToken: (userId: string, scope = 'user', now = new Date()) =>
      new SignJWT({ username: userId, scope })
        .setProtectedHeader({ alg: ACCESS_TOKENS.algorithm, typ: 'JWT', kid: 'k1' })
        .setIssuer(ACCESS_TOKENS.issuer)
        .setAudience(ACCESS_TOKENS.audience)
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(new Date(now.getTime() + 3_600_000))
        .sign(privateKey),
    close: async () => {
      server.closeAllConnections();
      await close();
    },
  };
}

export type StubServices = Awaited<ReturnType<typeof startStubServices>>;

function send(response: ServerResponse, stubResponse: Exclude<StubResponse, 'hang up'>): void {
  if (stubResponse === 'silence') return;
  response
    .writeHead(stubResponse.status, { 'Content-Type': 'application/json' })
    .end(JSON.stringify(stubResponse.body));
}

/** What the posts service responses for an offer. */
export const offerResponse = (id: string, amount: number, more: object = {}): StubResponse => ({
  status: 200,
  body: {
    id,
    _id: id,
    title: `Title of ${id}`,
    content: 'x',
    tags: [],
    status: 'published',
    authorId: 'seller',
    offer: { price: { amount, currency: 'EUR' }, stock: 10 },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  },
});

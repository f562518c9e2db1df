import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ACCESS_TOKENS, listen } from '@plaza/service-kit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** How the server that stands for the posts service answers for a post. */
export type Answer = { readonly status: number; readonly body: unknown } | 'silence' | 'hang up';

export interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * A server that stands for two others over real HTTP: the users service's keys, and the posts service's
 * posts. What else they do is their own matter.
 */
export async function startNeighbours() {
  const { publicKey, privateKey } = await generateKeyPair(ACCESS_TOKENS.algorithm);
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: ACCESS_TOKENS.algorithm }] };
  const answers = new Map<string, Answer>();
  const asked: Asked[] = [];
  let always: Answer | undefined;

  const handle: RequestListener = (request, response) => {
    const { url = '', headers } = request;
    if (url === '/.well-known/jwks.json') return send(response, { status: 200, body: keys });
    asked.push({ url, headers });
    const answer = always ?? answers.get(url) ?? { status: 404, body: { code: 'post_not_found' } };
    return answer === 'hang up' ? request.socket.destroy() : send(response, answer);
  };
  const { port, server, close } = await listen(handle, 0, '127.0.0.1', { requestMs: 0 });

  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    post: (id: string, answer: Answer) => void answers.set(`/posts/${id}`, answer),
    /** Every post is answered so, until this is called with nothing. */
    always: (answer?: Answer) => void (always = answer),
    /** A token as the users service gives it to somebody who signs in. */
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

export type Neighbours = Awaited<ReturnType<typeof startNeighbours>>;

function send(response: ServerResponse, answer: Exclude<Answer, 'hang up'>): void {
  if (answer === 'silence') return;
  response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
}

/** What the posts service answers for an offer. */
export const offer = (id: string, amount: number, more: object = {}): Answer => ({
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

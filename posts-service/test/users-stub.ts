import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACCESS_TOKENS, listen } from '@plaza/service-kit';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** How the users service fares: as it should, not answering, breaking, talking nonsense, or not ending. */
type StubBehaviour = 'well' | 'silent' | 'broken' | 'garbled' | 'endless' | 'refusing';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that stands for the users service: its keys, its users, and its bad days. */
export async function startUsersStub() {
  const { privateKey, publicKey } = await generateKeyPair(ACCESS_TOKENS.algorithm);
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: ACCESS_TOKENS.algorithm }];
  const people = new Map<string, { username: string; name: string; email: string }>();
  const requests: RecordedRequest[] = [];
  let behaviour: StubBehaviour = 'well';

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { method = '', url: path = '', headers } = request;
    if (path === '/.well-known/jwks.json') return json(response, 200, { keys });
    requests.push({ method, path, headers, body: await bodyOf(request) });
    if (behaviour === 'silent') return undefined;
    if (behaviour === 'endless') return trickle(response);
    if (behaviour === 'broken') return json(response, 500, { message: 'a defect' });
    if (behaviour === 'refusing')
      return json(response, 409, { message: 'A user of this username exists already.' });
    if (behaviour === 'garbled') return json(response, 200, { who: 'knows' });
    if (method === 'POST') return json(response, 201, { id: 'new', username: 'new', name: 'New' });
    const id = decodeURIComponent(path.replace('/users/', ''));
    const person = people.get(id);
    if (person === undefined) return json(response, 404, { message: 'There is no user of this id.' });
    if (method === 'DELETE') return json(response, 204, undefined);
    return json(response, 200, { id, _id: id, ...person });
  }

  const server = await listen((request, response) => void answer(request, response), 0, '127.0.0.1', {
    requestMs: 0,
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    people,
    requests,
    setBehaviour: (next: StubBehaviour) => {
      behaviour = next;
    },
    /** What a login of this user would have given. */
    tokenFor: (userId: string, scope = 'user') =>
      new SignJWT({ username: userId, scope })
        .setProtectedHeader({ alg: ACCESS_TOKENS.algorithm, kid: 'one' })
        .setIssuer(ACCESS_TOKENS.issuer)
        .setAudience(ACCESS_TOKENS.audience)
        .setSubject(userId)
        .setExpirationTime('15m')
        .sign(privateKey),
    close: () => server.close(),
  };
}

export type UsersStub = Awaited<ReturnType<typeof startUsersStub>>;

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** A byte now and then, so that no pause is long, and no end comes. */
function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const drip = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(drip));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

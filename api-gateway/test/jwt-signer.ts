import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { RequestListener } from 'node:http';

/** An issuer: the key pair of a users service, and its key set endpoint. */
export interface Signer {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: object;
  /** An access token of the users service; `header` and `claims` override its values. */
  token(claims?: object, header?: object): string;
}

const CLAIMS = { iss: 'plaza', aud: 'plaza', sub: 'u1', username: 'ada', scope: 'user' };

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Without a library, so that a test can also create invalid tokens. */
export function createSigner(kid: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' },
    token: (claims = {}, header = {}) => {
      const seconds = Math.floor(Date.now() / 1_000);
      const head = encode({ alg: 'RS256', typ: 'JWT', kid, ...header });
      const body = encode({ ...CLAIMS, iat: seconds, exp: seconds + 900, ...claims });
      const signature = sign('sha256', Buffer.from(`${head}.${body}`), privateKey).toString('base64url');
      return `${head}.${body}.${signature}`;
    },
  };
}

/** A users service that publishes these keys and echoes all other requests. */
export const serveJwks =
  (...signers: Pick<Signer, 'jwk'>[]): RequestListener =>
  (request, response) => {
    if (request.url !== '/.well-known/jwks.json') {
      response.end(request.url);
      return;
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }));
  };

import { hash, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '@plaza/errors';
import type { Authenticator, Service } from '@plaza/service-kit';

const WRITER: Service = { kind: 'service', name: 'registry-writer', scopes: new Set(['registry']) };

/** Who may write: whoever sends the registry's token, or anybody where there is none. */
export function writers(token: string | undefined): Authenticator {
  const expected = sha256(token ?? '');
  return async (authorization) => {
    if (token === undefined) return WRITER;
    const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (sent === undefined) {
      throw new Unauthorized('This registry is protected: send its token as "Authorization: Bearer …".');
    }
    // By their hashes: only texts of one length can be compared in constant time.
    if (!timingSafeEqual(sha256(sent), expected)) throw new Unauthorized("This is not the registry's token.");
    return WRITER;
  };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

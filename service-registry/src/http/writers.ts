import { createHash, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '@plaza/errors';
import type { Authenticator, Service } from '@plaza/service-kit';

const WRITER: Service = { kind: 'service', name: 'registry-writer', scopes: new Set(['registry']) };

/** Who may write: whoever sends the registry's token, or anybody where there is none. */
export function writers(token: string | undefined): Authenticator {
  return async (authorization) => {
    if (token === undefined) return WRITER;
    const sent = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (sent === undefined) {
      throw new Unauthorized('This registry is protected: send its token as "Authorization: Bearer …".');
    }
    if (!sameSecret(sent, token)) throw new Unauthorized("This is not the registry's token.");
    return WRITER;
  };
}

/** In constant time: by their hashes, since only texts of one length can be compared so. */
function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ACCESS_TOKENS } from '@plaza/service-kit';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

const MIN_BITS = 2_048;

/** A key by which tokens are checked, under its RFC 7638 thumbprint. */
export interface TokenVerificationKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: JWK & { readonly kid: string };
}

export interface SigningKey extends TokenVerificationKey {
  readonly privateKey: KeyObject;
}

/** Milliseconds to seconds of one core: made once and kept. */
export async function generatePrivateKeyPem(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MIN_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws where it is no RSA private key of at least 2048 bits. */
export function parsePrivateKey(pem: string): KeyObject {
  return requireStrongRsa(createPrivateKey(unescapeLineBreaks(pem)));
}

/** The public keys of some PEM blocks, one after the other. @throws where one is not RSA of at least 2048 bits. */
export function parsePublicKeys(pems: string): KeyObject[] {
  const blocks = unescapeLineBreaks(pems).match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no PEM block');
  return blocks.map((pem) => requireStrongRsa(createPublicKey(pem)));
}

export async function toVerificationKey(publicKey: KeyObject): Promise<TokenVerificationKey> {
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, publicKey, jwk: { ...jwk, kid, alg: ACCESS_TOKENS.algorithm, use: 'sig' } };
}

export async function toSigningKey(privateKey: KeyObject): Promise<SigningKey> {
  return { ...(await toVerificationKey(createPublicKey(privateKey))), privateKey };
}

/** Files of environment variables hold one line each: `\n` stands for a line break there. */
function unescapeLineBreaks(pem: string): string {
  return pem.replaceAll(String.raw`\n`, '\n');
}

function requireStrongRsa(key: KeyObject): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MIN_BITS) throw new Error(`not RSA of ${MIN_BITS} bits`);
  return key;
}

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ACCESS_TOKENS } from '@plaza/service-kit';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

const LEAST_BITS = 2_048;

/** A key by which tokens are checked, under its RFC 7638 thumbprint. */
export interface VerificationKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly jwk: JWK & { readonly kid: string };
}

export interface SigningKey extends VerificationKey {
  readonly privateKey: KeyObject;
}

/** Milliseconds to seconds of one core: made once and kept. */
export async function makePrivateKeyPem(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: LEAST_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws where it is no RSA private key of at least 2048 bits. */
export function readPrivateKey(pem: string): KeyObject {
  return strongRsa(createPrivateKey(withLineBreaks(pem)));
}

/** The public keys of some PEM blocks, one after the other. @throws where one is not RSA of at least 2048 bits. */
export function readPublicKeys(pems: string): KeyObject[] {
  const blocks = withLineBreaks(pems).match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no PEM block');
  return blocks.map((pem) => strongRsa(createPublicKey(pem)));
}

export async function verificationKey(publicKey: KeyObject): Promise<VerificationKey> {
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, publicKey, jwk: { ...jwk, kid, alg: ACCESS_TOKENS.algorithm, use: 'sig' } };
}

export async function signingKey(privateKey: KeyObject): Promise<SigningKey> {
  return { ...(await verificationKey(createPublicKey(privateKey))), privateKey };
}

/** Files of environment variables hold one line each: `\n` stands for a line break there. */
function withLineBreaks(pem: string): string {
  return pem.replaceAll(String.raw`\n`, '\n');
}

function strongRsa(key: KeyObject): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS) throw new Error(`not RSA of ${LEAST_BITS} bits`);
  return key;
}

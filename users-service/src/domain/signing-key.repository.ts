/** A private key in PEM as the service's own database keeps it. */
export interface StoredSigningKey {
  readonly generation: number;
  readonly pem: string;
}

export interface SigningKeyRepository {
  /** Those of a generation and after, in order. */
  findSince(generation: number): Promise<StoredSigningKey[]>;
  /** Keeps a key unless its generation has one: of two replicas at once, one key wins. */
  insertIfAbsent(key: StoredSigningKey): Promise<void>;
}

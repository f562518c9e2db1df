/** A private key in PEM as the service's own database keeps it. */
export interface StoredKey {
  readonly generation: number;
  readonly pem: string;
}

export interface SigningKeyRepository {
  /** Those of a generation and after, in order. */
  since(generation: number): Promise<StoredKey[]>;
  /** Keeps a key unless its generation has one: of two replicas at once, one key wins. */
  addUnlessPresent(key: StoredKey): Promise<void>;
}

/** Hashing of passwords, as the domain needs it. */
export interface PasswordHasher {
  /** In PHC string format, salted. */
  hash(password: string): Promise<string>;
  /** Without a hash (no user has that name) it takes as long as with one, and is false. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether the hash was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

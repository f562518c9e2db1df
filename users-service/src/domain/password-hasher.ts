/** Hashing of passwords, as the domain needs it. */
export interface PasswordHasher {
  /** In PHC string format, salted. */
  hash(password: string): Promise<string>;
  /** Takes as long without a hash (nobody has that name) as with one, and is then false. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether the hash was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

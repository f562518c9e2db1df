/** What an argon2 hash costs. */
export interface Argon2Parameters {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

export interface Argon2Hash {
  readonly parameters: Argon2Parameters;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const FORMAT = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** The PHC string format (https://github.com/P-H-C/phc-string-format), which other languages read as well. */
export function formatPhc({ parameters: { memory, passes, parallelism }, salt, key }: Argon2Hash): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(key)}`;
}

/** @throws where the string is no argon2id hash of version 19: the database holds what we did not write. */
export function parsePhc(text: string): Argon2Hash {
  const [, memory, passes, parallelism, salt = '', key = ''] = FORMAT.exec(text) ?? [];
  if (memory === undefined) throw new Error('A stored password hash is not in the PHC string format.');
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

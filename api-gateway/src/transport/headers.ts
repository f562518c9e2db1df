import type { Dispatcher } from 'undici';
import type { ResponseHeaders } from '../plugins/api/response.ts';

/** Headers that concern one connection and not the message (RFC 9110, 7.6.1). `trailer` is no longer among them. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * `Connection` cannot declare these hop-by-hop: without them the message would end elsewhere, mean something else
 * or have another sender or recipient, so that the gateway checks one request and the service gets another.
 */
const END_TO_END_HEADERS = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'origin',
]);

const NO_NAMES: ReadonlySet<string> = new Set();

/** Further hop-by-hop headers that a `Connection` header declares; in lower case. */
export function connectionHeaderNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NO_NAMES;
  const names = connection.split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => !END_TO_END_HEADERS.has(name)));
}

/** Alternating names and values, in their original spelling and number: the form that `writeHead` takes. */
export class RawHeaderList implements ResponseHeaders {
  readonly entries: string[] = [];

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let at = this.#indexOf(name, 0); at !== -1; at = this.#indexOf(name, at + 2)) {
      const value = this.entries[at + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.#indexOf(name, 0) !== -1;
  }

  set(name: string, value: string | readonly string[]): void {
    this.remove(name);
    if (typeof value === 'string') this.entries.push(name, value);
    else for (const one of value) this.entries.push(name, one);
  }

  append(name: string, value: string): void {
    this.entries.push(name, value);
  }

  remove(name: string): void {
    for (let at = this.#indexOf(name, 0); at !== -1; at = this.#indexOf(name, at)) this.entries.splice(at, 2);
  }

  names(): Iterable<string> {
    return new Set(this.entries.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  }

  /** The next index of the name, in any spelling; -1 if there is none. */
  #indexOf(name: string, from: number): number {
    const { entries } = this;
    for (let at = from; at < entries.length; at += 2) {
      const here = entries[at] ?? '';
      if (here.length !== name.length) continue;
      if (here === name || here.toLowerCase() === name.toLowerCase()) return at;
    }
    return -1;
  }
}

type RawHeaders = Dispatcher.DispatchController['rawHeaders'];

const NO_HEADERS: readonly string[] = [];

/** undici's raw headers as alternating names and values. */
export function decodeRawHeaders(raw: RawHeaders): readonly string[] {
  if (!Array.isArray(raw)) return NO_HEADERS;
  return raw.map((bytes) => (typeof bytes === 'string' ? bytes : bytes.toString('latin1')));
}

/** By name; a repeated header has several values. */
export function toHeaderRecord(raw: readonly string[]): Record<string, string[]> {
  const record: Record<string, string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    (record[name] ??= []).push(raw[index + 1] ?? '');
  }
  return record;
}

import type { ServerResponse } from 'node:http';
import type { Answer, AnswerHeaders } from '../plugins/plugin.ts';
import { connectionNames, HOP_BY_HOP } from './hop-by-hop.ts';

/** Names and values in turn, spelled and repeated as they came: what `writeHead` takes as it is. */
class FlatHeaders implements AnswerHeaders {
  readonly flat: string[] = [];

  get(name: string): string | undefined {
    const values = this.#at(name).map((index) => this.flat[index + 1]);
    return values.length === 0 ? undefined : values.join(', ');
  }

  set(name: string, value: string | readonly string[]): void {
    this.remove(name);
    for (const one of typeof value === 'string' ? [value] : value) this.flat.push(name, one);
  }

  append(name: string, value: string): void {
    this.flat.push(name, value);
  }

  remove(name: string): void {
    for (const index of this.#at(name).toReversed()) this.flat.splice(index, 2);
  }

  names(): Iterable<string> {
    return new Set(this.flat.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  }

  #at(name: string): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.flat.length; index += 2) {
      const here = this.flat[index] ?? '';
      if (here.length === name.length && here.toLowerCase() === name) found.push(index);
    }
    return found;
  }
}

/** The head of a service's answer on its way to the client; hop-by-hop headers have stayed behind. */
export class AnswerHead implements Answer {
  status: number;
  readonly headers = new FlatHeaders();

  /** @param raw names and values in turn. */
  constructor(status: number, raw: readonly string[]) {
    this.status = status;
    const { flat } = this.headers;
    const named = connectionNames(valueOf(raw, 'connection'));
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index] ?? '';
      const lower = name.toLowerCase();
      if (!HOP_BY_HOP.has(lower) && !named.has(lower)) flat.push(name, raw[index + 1] ?? '');
    }
  }

  /** @throws where Node makes no answer of such a status or such headers; then nothing is sent. */
  writeTo(response: ServerResponse): void {
    const { headers, status } = this;
    for (const name of OURS) if (response.hasHeader(name)) headers.remove(name);
    const vary = response.getHeader('vary');
    if (vary !== undefined) headers.flat.unshift('Vary', String(vary));
    if (!this.#mayHaveTrailers(response)) headers.remove('trailer');
    response.writeHead(status, headers.flat);
  }

  /** They need chunks, which need a body of unknown length and HTTP/1.1. */
  #mayHaveTrailers({ req: request }: ServerResponse): boolean {
    if (request.method === 'HEAD' || request.httpVersion !== '1.1') return false;
    if (this.status === 204 || this.status === 304) return false;
    return this.headers.get('content-length') === undefined;
  }
}

/** What the gateway answers for itself, whatever the service says; of all else the service's word counts. */
const OURS = ['x-request-id', 'access-control-allow-origin', 'access-control-allow-credentials'];

function valueOf(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const here = raw[index] ?? '';
    if (here.length === name.length && here.toLowerCase() === name)
      found = found === undefined ? raw[index + 1] : `${found}, ${raw[index + 1]}`;
  }
  return found;
}

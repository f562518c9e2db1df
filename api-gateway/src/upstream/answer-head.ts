import type { ServerResponse } from 'node:http';
import type { Answer } from '../plugins/plugin.ts';
import { withAdded } from './added-headers.ts';
import { FlatHeaders } from './flat-headers.ts';
import { connectionNames, HOP_BY_HOP } from './hop-by-hop.ts';

/** The head of a service's answer on its way to the client; hop-by-hop headers have stayed behind. */
export class AnswerHead implements Answer {
  status: number;
  readonly headers = new FlatHeaders();
  /** Something other than chunks was done to its body on the way: whoever passes that on as it is would lie. */
  readonly strangelyCoded: boolean;

  /** @param raw names and values in turn. */
  constructor(status: number, raw: readonly string[]) {
    this.status = status;
    const { flat } = this.headers;
    const named = connectionNames(valueOf(raw, 'connection'));
    let coding: string | undefined;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index] ?? '';
      const lower = name.toLowerCase();
      if (lower === 'transfer-encoding') coding = joined(coding, raw[index + 1]);
      else if (!HOP_BY_HOP.has(lower) && !named.has(lower)) flat.push(name, raw[index + 1] ?? '');
    }
    this.strangelyCoded = coding !== undefined && coding.toLowerCase() !== 'chunked';
  }

  /** @throws where Node makes no answer of such a status or such headers; then nothing is sent. */
  writeTo(response: ServerResponse): void {
    const { headers, status } = this;
    withAdded(response, (added) => {
      if (added !== undefined) this.#add(added);
      if (!this.#mayHaveTrailers(response)) headers.remove('trailer');
      if (status === 204) headers.remove('content-length');
      response.writeHead(status, headers.flat);
    });
  }

  #add({ flat }: FlatHeaders): void {
    const { headers } = this;
    for (let at = 0; at < flat.length; at += 2) {
      const name = flat[at] ?? '';
      const rule = ruleFor(name);
      if (rule === 'ours') headers.remove(name);
      else if (rule === 'theirs' && headers.has(name)) continue;
      headers.append(name, flat[at + 1] ?? '');
    }
  }

  /** They need chunks, which need a body of unknown length and HTTP/1.1. */
  #mayHaveTrailers({ req: request }: ServerResponse): boolean {
    if (request.method === 'HEAD' || request.httpVersion !== '1.1') return false;
    if (this.status === 204 || this.status === 304) return false;
    return !this.headers.has('content-length');
  }
}

/** Where both the gateway and the service say something: the gateway's word counts, or both do; else the service's. */
const RULES: ReadonlyMap<string, 'ours' | 'both'> = new Map([
  ['x-request-id', 'ours'],
  ['access-control-allow-origin', 'ours'],
  ['access-control-allow-credentials', 'ours'],
  ['access-control-expose-headers', 'ours'],
  ['vary', 'both'],
]);

/** By name as it is spelled: the gateway's own names are few, and always spelled the same. */
const rules = new Map<string, 'ours' | 'both' | 'theirs'>();

function ruleFor(name: string): 'ours' | 'both' | 'theirs' {
  let rule = rules.get(name);
  if (rule === undefined) {
    rule = RULES.get(name.toLowerCase()) ?? 'theirs';
    rules.set(name, rule);
  }
  return rule;
}

function valueOf(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const here = raw[index] ?? '';
    if (here.length === name.length && here.toLowerCase() === name) found = joined(found, raw[index + 1]);
  }
  return found;
}

function joined(first: string | undefined, next: string | undefined): string | undefined {
  return first === undefined ? next : `${first}, ${next}`;
}

import type { ServerResponse } from 'node:http';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';
import { writeWithHeaderOverrides } from './response-header-overrides.ts';
import { RawHeaderList } from './raw-header-list.ts';
import { connectionHeaderNames, HOP_BY_HOP } from './hop-by-hop.ts';

/** The head of a service's answer on its way to the client; hop-by-hop headers have stayed behind. */
export class ResponseHead implements UpstreamResponseHead {
  status: number;
  readonly headers = new RawHeaderList();
  /** Something other than chunks was done to its body on the way: whoever passes that on as it is would lie. */
  readonly unsupportedTransferEncoding: boolean;

  /** @param raw names and values in turn. */
  constructor(status: number, raw: readonly string[]) {
    this.status = status;
    const { entries } = this.headers;
    const named = connectionHeaderNames(headerValue(raw, 'connection'));
    let coding: string | undefined;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const name = raw[index] ?? '';
      const lower = name.toLowerCase();
      if (lower === 'transfer-encoding') coding = joinValues(coding, raw[index + 1]);
      else if (!HOP_BY_HOP.has(lower) && !named.has(lower)) entries.push(name, raw[index + 1] ?? '');
    }
    this.unsupportedTransferEncoding = coding !== undefined && coding.toLowerCase() !== 'chunked';
  }

  /** @throws where Node makes no answer of such a status or such headers; then nothing is sent. */
  writeTo(response: ServerResponse): void {
    const { headers, status } = this;
    writeWithHeaderOverrides(response, (overrides) => {
      if (overrides !== undefined) this.#merge(overrides);
      if (!this.#allowsTrailers(response)) headers.remove('trailer');
      if (status === 204) headers.remove('content-length');
      response.writeHead(status, headers.entries);
    });
  }

  #merge({ entries }: RawHeaderList): void {
    const { headers } = this;
    for (let at = 0; at < entries.length; at += 2) {
      const name = entries[at] ?? '';
      const rule = mergeRuleFor(name);
      if (rule === 'ours') headers.remove(name);
      else if (rule === 'theirs' && headers.has(name)) continue;
      headers.append(name, entries[at + 1] ?? '');
    }
  }

  /** They need chunks, which need a body of unknown length and HTTP/1.1. */
  #allowsTrailers({ req: request }: ServerResponse): boolean {
    if (request.method === 'HEAD' || request.httpVersion !== '1.1') return false;
    if (this.status === 204 || this.status === 304) return false;
    return !this.headers.has('content-length');
  }
}

/** Where both the gateway and the service say something: the gateway's word counts, or both do; else the service's. */
const MERGE_RULES: ReadonlyMap<string, 'ours' | 'both'> = new Map([
  ['x-request-id', 'ours'],
  ['access-control-allow-origin', 'ours'],
  ['access-control-allow-credentials', 'ours'],
  ['access-control-expose-headers', 'ours'],
  ['vary', 'both'],
]);

/** By name as it is spelled: the gateway's own names are few, and always spelled the same. */
const ruleCache = new Map<string, 'ours' | 'both' | 'theirs'>();

function mergeRuleFor(name: string): 'ours' | 'both' | 'theirs' {
  let rule = ruleCache.get(name);
  if (rule === undefined) {
    rule = MERGE_RULES.get(name.toLowerCase()) ?? 'theirs';
    ruleCache.set(name, rule);
  }
  return rule;
}

function headerValue(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const here = raw[index] ?? '';
    if (here.length === name.length && here.toLowerCase() === name) found = joinValues(found, raw[index + 1]);
  }
  return found;
}

function joinValues(first: string | undefined, next: string | undefined): string | undefined {
  return first === undefined ? next : `${first}, ${next}`;
}

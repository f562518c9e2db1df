import type { ServerResponse } from 'node:http';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';
import { connectionHeaderNames, HOP_BY_HOP, RawHeaderList } from './headers.ts';
import { writeWithGatewayHeaders } from './gateway-headers.ts';
import { TransportError } from './transport.ts';

/** Status and headers of an upstream response, without hop-by-hop headers. */
export class ResponseHead implements UpstreamResponseHead {
  status: number;
  readonly headers = new RawHeaderList();

  /**
   * @param raw alternating names and values.
   * @throws {TransportError} for a Transfer-Encoding other than `chunked`: the gateway cannot forward it unchanged.
   */
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
    if (coding !== undefined && coding.toLowerCase() !== 'chunked')
      throw new TransportError('reset', { cause: new Error('its transfer coding is unknown') });
  }

  /**
   * Merges the headers that the gateway adds, and writes the head.
   * @throws {TransportError} if Node rejects the status or a header; nothing is sent then.
   */
  writeTo(response: ServerResponse): void {
    try {
      writeWithGatewayHeaders(response, (added) => this.#write(response, added));
    } catch (cause) {
      throw new TransportError('reset', { cause });
    }
  }

  #write(response: ServerResponse, added: RawHeaderList | undefined): void {
    const { headers, status } = this;
    if (added !== undefined) this.#merge(added);
    if (!this.#allowsTrailers(response)) headers.remove('trailer');
    if (status === 204) headers.remove('content-length');
    response.writeHead(status, headers.entries);
  }

  #merge({ entries }: RawHeaderList): void {
    const { headers } = this;
    for (let at = 0; at < entries.length; at += 2) {
      const name = entries[at] ?? '';
      const rule = mergeRuleFor(name);
      if (rule === 'gateway') headers.remove(name);
      else if (rule === 'service' && headers.has(name)) continue;
      headers.append(name, entries[at + 1] ?? '');
    }
  }

  /** Trailers need chunked encoding: HTTP/1.1 and a body of unknown length. */
  #allowsTrailers({ req: request }: ServerResponse): boolean {
    if (request.method === 'HEAD' || request.httpVersion !== '1.1') return false;
    if (this.status === 204 || this.status === 304) return false;
    return !this.headers.has('content-length');
  }
}

/** For a header that both the gateway and the service set: the gateway's value, or both values; else the service's. */
const MERGE_RULES: ReadonlyMap<string, 'gateway' | 'both'> = new Map([
  ['x-request-id', 'gateway'],
  ['access-control-allow-origin', 'gateway'],
  ['access-control-allow-credentials', 'gateway'],
  ['access-control-expose-headers', 'gateway'],
  ['vary', 'both'],
]);

/** By name as it is spelled: the gateway adds few names, and always spells them the same. */
const ruleCache = new Map<string, 'gateway' | 'both' | 'service'>();

function mergeRuleFor(name: string): 'gateway' | 'both' | 'service' {
  let rule = ruleCache.get(name);
  if (rule === undefined) {
    rule = MERGE_RULES.get(name.toLowerCase()) ?? 'service';
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

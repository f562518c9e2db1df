import { randomUUID } from 'node:crypto';
import type { Service } from '../declaration/declaration.ts';
import type { Answer, BodyTap, Visit } from '../plugins/plugin.ts';
import { explain } from './explain.ts';
import { ForwardFailed, type Forwarder, type Outcome, type Passage, type Timers } from './forwarder.ts';
import type { Peer } from './peer.ts';
import { judgedStatus } from './passive-checks.ts';
import { tellCaller } from './request-headers.ts';
import { upgradeOf } from './upgrade.ts';
import { NoInstance } from './upstream.errors.ts';
import type { Upstream } from './upstream.ts';

/** What the plugins make of the head of an answer. */
export type Respond = (answer: Answer) => readonly BodyTap[];

/**
 * Hands a request to an instance and its answer to the client. Resolves when the answer has ended.
 * @throws {NoInstance} {BadGateway} {GatewayTimeout} {RequestTimeout} {CircuitOpen} {BulkheadFull}, and what `respond` throws.
 */
export type Deliver = (visit: Visit, upstream: Upstream, respond: Respond) => Promise<void>;

export interface DeliveryOptions {
  readonly forwarder: Forwarder;
  /** Carries what becomes a WebSocket. */
  readonly upgrades: Forwarder;
  /** Where a service says nothing else. */
  readonly timers: Timers;
}

export function createDelivery({ forwarder, upgrades, timers }: DeliveryOptions): Deliver {
  const known = new WeakMap<Service, Timers>();
  const timersOf = (service: Service | undefined): Timers => {
    if (service === undefined) return timers;
    const own = known.get(service) ?? withOwn(timers, service);
    known.set(service, own);
    return own;
  };
  return (visit, upstream, respond) => {
    const delivery = new Delivery(visit, upstream, {
      forwarder: upgradeOf(visit.request) === undefined ? forwarder : upgrades,
      timers: timersOf(visit.service),
      respond,
    });
    return delivery.run();
  };
}

/** Kong's read_timeout is between two reads, so it is for the headers as well. */
function withOwn(timers: Timers, { connectTimeoutMs, readTimeoutMs, writeTimeoutMs }: Service): Timers {
  return {
    connect: connectTimeoutMs ?? timers.connect,
    headers: readTimeoutMs ?? timers.headers,
    read: readTimeoutMs ?? timers.read,
    write: writeTimeoutMs ?? timers.write,
    client: timers.client,
  };
}

/** Safe to send twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

interface Means {
  readonly forwarder: Forwarder;
  readonly timers: Timers;
  readonly respond: Respond;
}

/** One request and whoever is asked for it. */
class Delivery {
  readonly #visit: Visit;
  readonly #upstream: Upstream;
  readonly #means: Means;
  readonly #key: string | undefined;
  #newCookie = false;
  #judged: number | undefined;
  #peer: Peer | undefined;

  constructor(visit: Visit, upstream: Upstream, means: Means) {
    this.#visit = visit;
    this.#upstream = upstream;
    this.#means = means;
    this.#key = this.#keyOf();
  }

  async run(): Promise<void> {
    const { request, response, headers, caller } = this.#visit;
    tellCaller(headers, caller);
    headers.host ??= this.#visit.route.preserveHost ? request.headers.host : this.#upstream.hostHeader;
    try {
      const outcome = await this.#upstream.bulkhead.run(() => this.#pass());
      if (outcome === 'broken-off') this.#breakOff();
    } catch (failure) {
      if (!request.complete && !response.headersSent) response.set('Connection', 'close');
      if (!(failure instanceof ForwardFailed)) throw failure;
      throw explain(failure, this.#upstream.name, this.#peer);
    }
  }

  /** Who has waited for a place may have gone. */
  async #pass(): Promise<Outcome> {
    if (this.#visit.response.destroyed) return 'client-gone';
    // Before the breaker is asked: with somebody new among them, it closes.
    const first = this.#upstream.pick(this.#key);
    if (first === undefined) throw new NoInstance(this.#upstream.name);
    const { ended } = await this.#upstream.breaker.run(() => this.#ask(first));
    const outcome = await ended;
    if (this.#peer !== undefined) this.#peer.underWay -= 1;
    return outcome;
  }

  async #ask(first: Peer): Promise<Passage> {
    this.#upstream.budget.deposit();
    try {
      return await this.#send(first);
    } catch (failure) {
      const second = this.#instead(failure, first);
      if (second === undefined) throw failure;
      this.#visit.retried = first.url;
      this.#note('retried', first.url);
      return this.#send(second);
    }
  }

  async #send(peer: Peer): Promise<Passage> {
    const { request, response, method, headers, body, upstreamPath, upstreamQuery, bodyLimit } = this.#visit;
    const { forwarder, timers } = this.#means;
    this.#peer = peer;
    this.#visit.peer = peer;
    this.#note('upstream', peer.url);
    this.#upstream.began(peer);
    let settled = false;
    const call = {
      request,
      response,
      origin: peer.origin,
      method,
      path: upstreamPath + upstreamQuery,
      headers,
      body,
      timers,
      bodyLimit,
      answered: (answer: Answer) => {
        settled = true;
        return this.#answered(peer, answer);
      },
    };
    try {
      const passage = await forwarder.forward(call);
      if (!settled) this.#upstream.abandoned(peer);
      return this.#judged === passage.status ? passage : { ...passage, status: this.#judged };
    } catch (failure) {
      peer.underWay -= 1;
      if (!settled) this.#failed(peer, failure);
      throw failure;
    }
  }

  #answered(peer: Peer, answer: Answer): readonly BodyTap[] {
    this.#judged = judgedStatus(answer);
    this.#upstream.answered(peer, this.#judged);
    this.#upstream.traffic.count(peer.version, answer.status);
    this.#visit.answeredBy = 'upstream';
    const { stickyCookie } = this.#upstream;
    if (this.#newCookie && stickyCookie !== undefined && this.#key !== undefined) {
      const { name, path } = stickyCookie;
      answer.headers.append('Set-Cookie', `${name}=${this.#key}; Path=${path}; HttpOnly`);
    }
    return this.#means.respond(answer);
  }

  /** A kept connection that was closed says nothing against its instance, nor does a client that stalls. */
  #failed(peer: Peer, failure: unknown): void {
    if (!(failure instanceof ForwardFailed) || failure.crossed || failure.kind === 'stalled') {
      this.#upstream.abandoned(peer);
      return;
    }
    this.#upstream.traffic.count(peer.version, undefined);
    const kind = failure.kind === 'unreachable' ? 'refused' : failure.kind;
    this.#upstream.failed(peer, kind, failure.cause);
  }

  /**
   * Whom to ask instead, once, if anybody: where the first cannot have seen anything of the request; and where
   * it broke off, if the method is idempotent and there is no body, as what was read of one cannot be read again.
   */
  #instead(failure: unknown, first: Peer): Peer | undefined {
    if (!(failure instanceof ForwardFailed) || this.#visit.service?.retries === 0) return undefined;
    if (!failure.unsent && !(failure.kind === 'broken' && this.#mayComeTwice())) return undefined;
    const other = this.#upstream.pick(this.#key, first) ?? (failure.crossed ? first : undefined);
    return other !== undefined && this.#upstream.budget.withdraw() ? other : undefined;
  }

  #mayComeTwice(): boolean {
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = this.#visit.request.headers;
    return IDEMPOTENT.has(this.#visit.method) && length === '0' && encoding === undefined;
  }

  #keyOf(): string | undefined {
    const key = this.#upstream.keyOf?.(this.#visit);
    if (key !== undefined || this.#upstream.stickyCookie === undefined) return key;
    this.#newCookie = true;
    return randomUUID();
  }

  /** More for the line in the log that this response gets. */
  #note(name: string, fact: string): void {
    const { locals } = this.#visit.response;
    locals['log'] ??= {};
    locals['log'][name] = fact;
  }

  #breakOff(): void {
    this.#visit.response.locals['brokenOff'] = true;
    this.#note('brokenOff', 'the service ended its answer too early');
  }
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Logger } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { Request, Response } from 'express';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { ConsumerIndex } from '../../kong-config/model/consumer-index.ts';
import type { ConsumerEntity, RouteEntity, ServiceEntity } from '../../kong-config/model/entities.ts';

/** By name in small letters. */
export type UpstreamHeaders = IncomingHttpHeaders;

/** What a regular expression of a route found: its named groups, and all of them by number from 1. */
export type UriCaptures = Readonly<Record<string, string>>;

/** Who was asked. */
export interface EndpointInfo {
  readonly instanceId: string;
  readonly url: string;
  readonly version: string;
}

/** One request that has a route. Made once and changed in place: this is the hot path. */
export interface RequestContext {
  readonly request: Request;
  readonly response: Response;
  readonly route: RouteEntity;
  readonly service: ServiceEntity | undefined;
  readonly requestId: string;
  readonly clientAddress: string;
  /** Normalised, as it was matched. */
  readonly path: string;
  readonly captures: UriCaptures;
  /** What was cut off the path; empty where nothing was. */
  readonly prefix: string;

  // What the service will be asked. Plugins change it here.
  upstreamPath: string;
  /** With its `?`; empty where there is none. */
  upstreamQuery: string;
  method: string;
  /** Already without what is hop-by-hop and what only the gateway may say. */
  readonly headers: UpstreamHeaders;
  /** What is sent instead of the client's body, which has been read; whoever sets it sets `content-length` as well. */
  body: Buffer | undefined;

  /** How much of a body may pass that does not tell its length, and what is answered to more. */
  bodyLimit: { readonly bytes: number; readonly error: () => PlazaError } | undefined;

  // Who asks.
  caller: Caller;
  /** Why a token that was sent does not hold: told only after the request has been counted. */
  refusal: PlazaError | undefined;
  consumer: ConsumerEntity | undefined;
  /** What identified the consumer: a key's or a token's id, never the secret itself. */
  credential: string | undefined;

  /** What the gateway adds to the answer, whoever gives it. Of most names the service's own word counts. */
  readonly added: ResponseHeaders;

  // What became of it.
  peer: EndpointInfo | undefined;
  /** Who was asked first, in vain. */
  retried: string | undefined;
  answeredBy: 'upstream' | 'gateway' | 'cache';
  /** The head of the service's answer, once it has been passed on. */
  answer: UpstreamResponseHead | undefined;
  /** As `performance.now()` tells it. */
  readonly startedAt: number;
  /** When the service was asked, and when its answer began; undefined where that was not. */
  forwardedAt: number | undefined;
  answeredAt: number | undefined;
}

/** However names are spelled; they are sent as they are set. */
export interface ResponseHeaders {
  get(name: string): string | undefined;
  has(name: string): boolean;
  set(name: string, value: string | readonly string[]): void;
  append(name: string, value: string): void;
  remove(name: string): void;
  names(): Iterable<string>;
}

/** The head of an answer, before anything of it is sent. */
export interface UpstreamResponseHead {
  status: number;
  readonly headers: ResponseHeaders;
}

/** Sees a body as it passes; it never holds it up. */
export interface BodyFilter {
  chunk(data: Buffer): void;
  /** @param complete false where it broke off. */
  end(complete: boolean): void;
}

/** One entry of the configuration at work. Return nothing where nothing is waited for. */
export interface PluginInstance {
  /** Before the service is asked. It throws what is to be answered instead, or answers itself. */
  access?(requestContext: RequestContext): void | Promise<void>;
  /** The head of the service's answer is there, nothing of it has been sent. */
  respond?(requestContext: RequestContext, responseHead: UpstreamResponseHead): BodyFilter | void;
  /** No answer came. Returns true where it answered instead. */
  failed?(requestContext: RequestContext, error: PlazaError): boolean | Promise<boolean>;
  /** After the response has ended, whoever answered. */
  log?(requestContext: RequestContext): void;
  /** After the last request of its configuration. */
  close?(): void | Promise<void>;
}

/** What a plugin gets to work with. */
export interface PluginContext {
  /** The plugin's name, and its entry's, which is the same after a reload: `rate-limiting/route:users`. */
  readonly name: string;
  /** What the entry is for. */
  readonly scope: PluginScope;
  readonly logger: Logger;
  /** Of the gateway; outlives the plugin: a metric that is there already is got by `getSingleMetric`. */
  readonly metrics: Registry;
  readonly redis: Redis | undefined;
  readonly consumers: ConsumerIndex;
  /** Where a document is at the moment; a host without a port is a name of the registry. @throws {NoInstance} */
  locate(url: string): () => string;
  /** A token of the gateway's own, for calls to the services of its deployment. */
  serviceToken(): Promise<string>;
  /** Milliseconds during which a client may send nothing of a body that is waited for. */
  readonly clientIdleMs: number;
  /** Headers, arguments and cookies in which any of the entries expects secrets; in small letters. No log has them. */
  readonly secretNames: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  now(): number;
  /** State that survives a reload as long as the plugin asks for the same key: counters, caches, verified tokens. */
  shared<T>(key: string, make: () => T): T;
}

/** Names; all undefined for what is global. */
export interface PluginScope {
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  readonly consumer?: string | undefined;
}

export interface PluginDefinition<Config = unknown> {
  /** As Kong calls it. */
  readonly name: string;
  /** Kong's own: the higher runs first. */
  readonly priority: number;
  /** Kong's fields. What Kong knows and this does not is refused in words. */
  readonly schema: z.ZodType<Config>;
  create(config: Config, context: PluginContext): PluginInstance;
  /** Headers, arguments and cookies in which it expects secrets. */
  secretNames?(config: Config): readonly string[];
}

import type { PlazaError } from '@plaza/errors';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { ConsumerLookup } from './entities.ts';
import type { RequestContext } from './request-context.ts';
import type { BodyFilter, UpstreamResponseHead } from './response.ts';
import type { PluginLogger } from './plugin-logger.ts';

/** A plugin: its name, its place in the order, the schema of its configuration, and its code. */
export interface PluginDefinition<Config = unknown> {
  /** Kong's name for it. */
  readonly name: string;
  /** Kong's priority: plugins with a higher one run first. */
  readonly priority: number;
  /**
   * Counts requests with an `authError` too: the error is sent only after this plugin has run, so that failed
   * logins are counted.
   */
  readonly countsAuthErrors?: boolean;
  /** Kong's fields. A field of Kong that this plugin does not support is refused with a message. */
  readonly schema: z.ZodType<Config>;
  create(config: Config, context: PluginContext): PluginInstance;
  /** Headers, query arguments and cookies that may carry secrets. */
  secretNames?(config: Config): readonly string[];
}

/** One active entry of the configuration. A hook returns undefined, and no promise, if it does not wait. */
export interface PluginInstance {
  /** Runs before the upstream request. May throw the error to send, or send a response itself. */
  access?(requestContext: RequestContext): void | Promise<void>;
  /** Runs when the head of the upstream response has arrived and none of it is sent. May return a body filter. */
  headerFilter?(requestContext: RequestContext, responseHead: UpstreamResponseHead): BodyFilter | void;
  /** Runs if there is no upstream response. Returns true if it has sent a response itself. */
  onError?(requestContext: RequestContext, error: PlazaError): boolean | Promise<boolean>;
  /** Runs after every response has ended. */
  log?(requestContext: RequestContext): void;
  /** Runs after the last request of its configuration. */
  close?(): void | Promise<void>;
}

/** What the gateway gives to a plugin entry. */
export interface PluginContext {
  /** The plugin's name and the entry's scope, the same after a reload: `rate-limiting/route:users`. */
  readonly name: string;
  readonly scope: PluginScope;
  /** Takes log events and, for custom plugins, texts. */
  readonly logger: PluginLogger;
  /** The gateway's registry. It outlives the plugin: get an existing metric by `getSingleMetric`. */
  readonly metrics: Registry;
  readonly redis: Redis | undefined;
  readonly consumers: ConsumerLookup;
  /** Returns a function that resolves the URL to an instance. A host without a port is a name in the registry. @throws {NoInstance} */
  resolveUrl(url: string): () => string;
  /** A token of the gateway itself, for calls to the services of its deployment. */
  serviceToken(): Promise<string>;
  /** Milliseconds that a client may pause while the gateway reads its body. */
  readonly clientIdleMs: number;
  /** Headers, query arguments and cookies that may carry secrets for any entry; in lower case. Never log their values. */
  readonly secretNames: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  now(): number;
  /** State that survives a reload while the plugin uses the same key: counters, caches, verified tokens. */
  shared<T>(key: string, make: () => T): T;
}

/** The names that an entry is limited to; all undefined for a global entry. */
export interface PluginScope {
  readonly service?: string | undefined;
  readonly route?: string | undefined;
  readonly consumer?: string | undefined;
}

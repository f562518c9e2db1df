import { z } from 'zod';
import { reference } from './schema/common.ts';

/**
 * A lenient schema of the file. It drops invalid values, so that checks between entities can still run and all
 * mistakes are reported at once.
 */
const text = z.string().optional().catch(undefined);
const otherEntity = reference.optional().catch(undefined);
const texts = z.array(z.string()).optional().catch(undefined);

/** An invalid entry becomes an empty one, so that the positions of the others stay right. */
const list = <Schema extends z.ZodType>(schema: Schema, empty: z.output<Schema>) =>
  z.array(schema.catch(empty)).catch([]);

const plugin = z.object({
  id: text,
  name: text,
  instance_name: text,
  config: z.unknown().optional(),
  enabled: z.unknown().optional(),
  service: otherEntity,
  route: otherEntity,
  consumer: otherEntity,
});
const plugins = list(plugin, {});

const route = z.object({
  id: text,
  name: text,
  service: otherEntity,
  paths: texts,
  methods: texts,
  hosts: texts,
  headers: z.unknown().optional(),
  protocols: texts,
  plugins,
});
const routes = list(route, { plugins: [] });

const service = z.object({ id: text, name: text, url: text, host: text, routes, plugins });

const target = z.object({ target: text, upstream: otherEntity });
const targets = list(target, {});
const upstream = z.object({ id: text, name: text, targets });

const credential = z.object({ key: text, consumer: otherEntity });
const credentials = list(credential, {});
const consumer = z.object({
  id: text,
  username: text,
  custom_id: text,
  keyauth_credentials: credentials,
  jwt_secrets: credentials,
  plugins,
});

const membership = z.object({ consumer: otherEntity });

export const partialDocument = z
  .object({
    services: list(service, { routes: [], plugins: [] }),
    routes,
    upstreams: list(upstream, { targets: [] }),
    targets,
    plugins,
    consumers: list(consumer, { keyauth_credentials: [], jwt_secrets: [], plugins: [] }),
    keyauth_credentials: credentials,
    jwt_secrets: credentials,
    acls: list(membership, {}),
  })
  .catch({
    services: [],
    routes: [],
    upstreams: [],
    targets: [],
    plugins: [],
    consumers: [],
    keyauth_credentials: [],
    jwt_secrets: [],
    acls: [],
  });

export type PartialDocument = z.output<typeof partialDocument>;

import { z } from 'zod';
import { consumer, credentialsApart } from './consumer.ts';
import { plugin } from './plugin.ts';
import { route } from './route.ts';
import { service } from './service.ts';
import { targetApart } from './target.ts';
import { upstream } from './upstream.ts';
import { refused } from './values.ts';

const NO_TLS = 'this gateway does not end TLS: what does so in front of it has the certificates';
const NO_GROUPS = 'consumers have acls here, and no groups of their own';
const OTHER_AUTH = 'consumers show a jwt or a key-auth key here';
const DECKS = 'is filled in by deck alone: here each entity has to say it itself';
const NO_KEYS = 'keys are fetched from a JWKS, or stand in a consumer’s jwt_secrets';

const NO_FILE = 'must be an object with services, routes, plugins and so on';

/** Kong's declarative format 3.0. Whatever of it is not supported is refused in words, never ignored. */
export const kongFormat = z.strictObject(
  {
    _format_version: z.literal('3.0', 'must be "3.0", in quotes').optional(),
    _transform: z.boolean().optional(),
    _comment: z.string().optional(),
    _ignore: z.array(z.unknown()).optional(),
    // Which entities deck looks after: nothing that a gateway does depends on it.
    _info: z
      .strictObject({
        select_tags: z.array(z.string()).optional(),
        defaults: refused(DECKS),
        lookup_tags: refused(DECKS),
      })
      .optional(),
    _plugin_configs: refused(DECKS),
    _konnect: refused('this gateway is no control plane’s'),
    services: z.array(service).default([]),
    routes: z.array(route).default([]),
    upstreams: z.array(upstream).default([]),
    targets: z.array(targetApart).default([]),
    plugins: z.array(plugin).default([]),
    consumers: z.array(consumer).default([]),
    ...credentialsApart,
    certificates: refused(NO_TLS),
    ca_certificates: refused(NO_TLS),
    snis: refused(NO_TLS),
    vaults: refused('values of the environment are written {vault://env/NAME}, and need no entry'),
    keys: refused(NO_KEYS),
    key_sets: refused(NO_KEYS),
    consumer_groups: refused(NO_GROUPS),
    consumer_group_consumers: refused(NO_GROUPS),
    consumer_group_plugins: refused(NO_GROUPS),
    basicauth_credentials: refused(OTHER_AUTH),
    hmacauth_credentials: refused(OTHER_AUTH),
    oauth2_credentials: refused(OTHER_AUTH),
    mtls_auth_credentials: refused(OTHER_AUTH),
    filter_chains: refused(
      'this gateway runs no WebAssembly: a plugin of your own is a file in GATEWAY_PLUGINS',
    ),
    plugin_configs: refused('each entry has its whole config'),
    partials: refused('each entry has its whole config'),
    licenses: refused('this gateway needs none'),
    workspaces: refused('there is one, with everything in it'),
    _workspace: refused('there is one, with everything in it'),
  },
  { error: ({ code }) => (code === 'invalid_type' ? NO_FILE : undefined) },
);

export type KongFormat = z.output<typeof kongFormat>;

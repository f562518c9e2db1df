import { z } from 'zod';
import { consumer, topLevelCredentials } from './consumer.ts';
import { plugin } from './plugin.ts';
import { route } from './route.ts';
import { service } from './service.ts';
import { topLevelTarget } from './target.ts';
import { upstream } from './upstream.ts';
import { unsupportedField } from '../../plugins/api/schema-fields.ts';

const NO_TLS = 'this gateway does not end TLS: what does so in front of it has the certificates';
const NO_GROUPS = 'consumers have acls here, and no groups of their own';
const OTHER_AUTH = 'consumers show a jwt or a key-auth key here';
const DECK_ONLY = 'is filled in by deck alone: here each entity has to say it itself';
const NO_KEYS = 'keys are fetched from a JWKS, or stand in a consumer’s jwt_secrets';

const NO_FILE = 'must be an object with services, routes, plugins and so on';

/** Kong's declarative format 3.0. Unsupported fields are refused with a message, never ignored. */
export const documentSchema = z.strictObject(
  {
    _format_version: z.literal('3.0', 'must be "3.0", in quotes').optional(),
    _transform: z.boolean().optional(),
    _comment: z.string().optional(),
    _ignore: z.array(z.unknown()).optional(),
    // Selects the entities that deck manages; no effect on the gateway.
    _info: z
      .strictObject({
        select_tags: z.array(z.string()).optional(),
        defaults: unsupportedField(DECK_ONLY),
        lookup_tags: unsupportedField(DECK_ONLY),
      })
      .optional(),
    _plugin_configs: unsupportedField(DECK_ONLY),
    _konnect: unsupportedField('this gateway is no control plane’s'),
    services: z.array(service).default([]),
    routes: z.array(route).default([]),
    upstreams: z.array(upstream).default([]),
    targets: z.array(topLevelTarget).default([]),
    plugins: z.array(plugin).default([]),
    consumers: z.array(consumer).default([]),
    ...topLevelCredentials,
    certificates: unsupportedField(NO_TLS),
    ca_certificates: unsupportedField(NO_TLS),
    snis: unsupportedField(NO_TLS),
    vaults: unsupportedField('values of the environment are written {vault://env/NAME}, and need no entry'),
    keys: unsupportedField(NO_KEYS),
    key_sets: unsupportedField(NO_KEYS),
    consumer_groups: unsupportedField(NO_GROUPS),
    consumer_group_consumers: unsupportedField(NO_GROUPS),
    consumer_group_plugins: unsupportedField(NO_GROUPS),
    basicauth_credentials: unsupportedField(OTHER_AUTH),
    hmacauth_credentials: unsupportedField(OTHER_AUTH),
    oauth2_credentials: unsupportedField(OTHER_AUTH),
    mtls_auth_credentials: unsupportedField(OTHER_AUTH),
    filter_chains: unsupportedField(
      'this gateway runs no WebAssembly: a plugin of your own is a file in GATEWAY_PLUGINS',
    ),
    plugin_configs: unsupportedField('each entry has its whole config'),
    partials: unsupportedField('each entry has its whole config'),
    licenses: unsupportedField('this gateway needs none'),
    workspaces: unsupportedField('there is one, with everything in it'),
    _workspace: unsupportedField('there is one, with everything in it'),
  },
  { error: ({ code }) => (code === 'invalid_type' ? NO_FILE : undefined) },
);

export type KongDocument = z.output<typeof documentSchema>;

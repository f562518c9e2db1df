import type { PluginKind } from '../plugins/plugin.ts';
import type { Outline } from './outline.ts';
import { pluginsIn, placeOf } from './walk.ts';
import { inPlainWords, linesOf } from './words.ts';

/** What Kong comes with, free of charge: asking for one of these is no typing error. */
const OF_KONG = new Set(
  `acl acme aws-lambda azure-functions basic-auth bot-detection correlation-id cors datadog file-log
  grpc-gateway grpc-web hmac-auth http-log ip-restriction jwt key-auth ldap-auth loggly oauth2
  opentelemetry post-function pre-function prometheus proxy-cache rate-limiting redirect
  request-size-limiting request-termination request-transformer response-ratelimiting
  response-transformer session standard-webhooks statsd syslog tcp-log udp-log zipkin ai-proxy
  ai-prompt-decorator ai-prompt-guard ai-prompt-template ai-request-transformer ai-response-transformer`.split(
    /\s+/,
  ),
);

export type Kinds = readonly PluginKind[];

export const kindNamed = (kinds: Kinds, name: string) => kinds.find((kind) => kind.name === name);

/** Parses an entry's config as the plugin's own schema has it; none is an empty one. */
export const parseConfig = (kind: PluginKind, config: unknown) =>
  kind.schema.safeParse(config ?? {}, { error: inPlainWords });

/** Plugins that are not there, and what is wrong in the config of those that are. */
export function pluginMistakes(file: Outline, kinds: Kinds): string[] {
  return pluginsIn(file).flatMap(({ place, plugin: { name, config } }) => {
    if (name === undefined) return [];
    const kind = kindNamed(kinds, name);
    if (kind === undefined) return [`${placeOf([...place, 'name'])}: ${unknown(name, kinds)}`];
    const { error } = parseConfig(kind, config);
    return linesOf(error?.issues ?? [], [...place, 'config']);
  });
}

function unknown(name: string, kinds: Kinds): string {
  const there = kinds
    .map((kind) => kind.name)
    .sort()
    .join(', ');
  return OF_KONG.has(name)
    ? `${name} is a plugin of Kong that this gateway does not have; it has ${there}`
    : `no plugin has the name ${name}; there are ${there}`;
}

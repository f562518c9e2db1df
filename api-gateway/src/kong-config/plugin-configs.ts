import type { PluginDefinition } from '../plugins/api/plugin.ts';
import type { PartialDocument } from './partial-schema.ts';
import { allPlugins, formatPath } from './config-traversal.ts';
import { zodMessage, formatIssues } from './error-messages.ts';

/** The plugins of Kong's free edition: their names are no typing errors. */
const KONG_PLUGINS = new Set(
  `acl acme aws-lambda azure-functions basic-auth bot-detection correlation-id cors datadog file-log
  grpc-gateway grpc-web hmac-auth http-log ip-restriction jwt key-auth ldap-auth loggly oauth2
  opentelemetry post-function pre-function prometheus proxy-cache rate-limiting redirect
  request-size-limiting request-termination request-transformer response-ratelimiting
  response-transformer session standard-webhooks statsd syslog tcp-log udp-log zipkin ai-proxy
  ai-prompt-decorator ai-prompt-guard ai-prompt-template ai-request-transformer ai-response-transformer`.split(
    /\s+/,
  ),
);

export type PluginDefinitions = readonly PluginDefinition[];

export const findPlugin = (kinds: PluginDefinitions, name: string) =>
  kinds.find((kind) => kind.name === name);

/** Parses an entry's config by the plugin's schema. A missing config is an empty one. */
export const parsePluginConfig = (kind: PluginDefinition, config: unknown) =>
  kind.schema.safeParse(config ?? {}, { error: zodMessage });

/** Messages about unknown plugins and invalid configs. */
export function checkPluginConfigs(file: PartialDocument, kinds: PluginDefinitions): string[] {
  return allPlugins(file).flatMap(({ place, plugin: { name, config } }) => {
    if (name === undefined) return [];
    const kind = findPlugin(kinds, name);
    if (kind === undefined)
      return [`${formatPath([...place, 'name'])}: ${unknownPluginMessage(name, kinds)}`];
    const { error } = parsePluginConfig(kind, config);
    return formatIssues(error?.issues ?? [], [...place, 'config']);
  });
}

function unknownPluginMessage(name: string, kinds: PluginDefinitions): string {
  const there = kinds
    .map((kind) => kind.name)
    .sort()
    .join(', ');
  return KONG_PLUGINS.has(name)
    ? `${name} is a plugin of Kong that this gateway does not have; it has ${there}`
    : `no plugin has the name ${name}; there are ${there}`;
}

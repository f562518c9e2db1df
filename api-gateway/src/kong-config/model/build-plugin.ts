import type { PluginEntity } from './entities.ts';
import { entityId } from './entity-id.ts';
import type { KongDocument } from '../schema/document.ts';
import type { PartialDocument } from '../partial-schema.ts';
import { findPlugin, parsePluginConfig, type PluginDefinitions } from '../plugin-configs.ts';
import type { ReferenceIndex } from '../references.ts';
import { allPlugins } from '../config-traversal.ts';

/** @param written the same file before vault references are resolved. */
export function buildPlugins(
  file: KongDocument,
  kinds: PluginDefinitions,
  references: ReferenceIndex,
  written: PartialDocument,
): PluginEntity[] {
  const asWritten = allPlugins(written);
  return allPlugins(file).flatMap(({ plugin, scope }, index) => {
    const kind = findPlugin(kinds, plugin.name);
    const parsed = kind && parsePluginConfig(kind, plugin.config);
    if (parsed?.success !== true) return [];
    const of = {
      service: references.resolveName('service', scope.service),
      route: references.resolveName('route', scope.route),
      consumer: references.resolveName('consumer', scope.consumer),
    };
    return [
      {
        id: entityId('plugin', [plugin.name, of.service, of.route, of.consumer].join(' '), plugin.id),
        name: plugin.name,
        instanceName: plugin.instance_name,
        config: parsed.data,
        rawConfig: asWritten[index]?.plugin.config,
        enabled: plugin.enabled,
        ...of,
        tags: new Set(plugin.tags),
      },
    ];
  });
}

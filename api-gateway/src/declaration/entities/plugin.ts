import type { PluginEntry } from '../declaration.ts';
import { entityId } from '../entity-id.ts';
import type { KongFormat } from '../format/document.ts';
import type { Outline } from '../outline.ts';
import { kindNamed, parseConfig, type Kinds } from '../plugin-configs.ts';
import type { References } from '../references.ts';
import { pluginsIn } from '../walk.ts';

/** @param written the same file with its references as they are written. */
export function pluginsOf(
  file: KongFormat,
  kinds: Kinds,
  references: References,
  written: Outline,
): PluginEntry[] {
  const asWritten = pluginsIn(written);
  return pluginsIn(file).flatMap(({ plugin, scope }, index) => {
    const kind = kindNamed(kinds, plugin.name);
    const parsed = kind && parseConfig(kind, plugin.config);
    if (parsed?.success !== true) return [];
    const of = {
      service: references.nameOf('service', scope.service),
      route: references.nameOf('route', scope.route),
      consumer: references.nameOf('consumer', scope.consumer),
    };
    return [
      {
        id: entityId('plugin', [plugin.name, of.service, of.route, of.consumer].join(' '), plugin.id),
        name: plugin.name,
        instanceName: plugin.instance_name,
        config: parsed.data,
        written: asWritten[index]?.plugin.config,
        enabled: plugin.enabled,
        ...of,
        tags: new Set(plugin.tags),
      },
    ];
  });
}

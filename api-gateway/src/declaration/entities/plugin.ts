import type { PluginEntry } from '../declaration.ts';
import type { KongFormat } from '../format/document.ts';
import type { Outline } from '../outline.ts';
import { kindNamed, parseConfig, type Kinds } from '../plugin-configs.ts';
import { pluginsIn } from '../walk.ts';
import type { Names } from './names.ts';

/** @param written the same file with its references as they are written. */
export function pluginsOf(file: KongFormat, kinds: Kinds, names: Names, written: Outline): PluginEntry[] {
  const asWritten = pluginsIn(written);
  return pluginsIn(file).flatMap(({ plugin, scope }, index) => {
    const kind = kindNamed(kinds, plugin.name);
    const parsed = kind && parseConfig(kind, plugin.config);
    if (parsed?.success !== true) return [];
    return [
      {
        id: plugin.id,
        name: plugin.name,
        instanceName: plugin.instance_name,
        config: parsed.data,
        written: asWritten[index]?.plugin.config,
        enabled: plugin.enabled,
        service: names.get(scope.service),
        route: names.get(scope.route),
        consumer: names.get(scope.consumer),
        tags: new Set(plugin.tags),
      },
    ];
  });
}

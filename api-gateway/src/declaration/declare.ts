import type { Declaration } from './declaration.ts';
import { consumerOf } from './entities/consumer.ts';
import { pluginsOf } from './entities/plugin.ts';
import { routeOf } from './entities/route.ts';
import { serviceOf } from './entities/service.ts';
import { upstreamOf } from './entities/upstream.ts';
import type { KongFormat } from './format/document.ts';
import type { Outline } from './outline.ts';
import type { Kinds } from './plugin-configs.ts';
import { referencesIn } from './references.ts';
import { routesIn, serviceName } from './walk.ts';

/**
 * Makes entities of a file in which no mistake was found.
 * @param written the same file with its references as they are written.
 */
export function declare(file: KongFormat, kinds: Kinds, written: Outline): Declaration {
  const references = referencesIn(file);
  const upstreams = file.upstreams.map((upstream) =>
    upstreamOf(
      upstream,
      file.targets.filter((target) => references.nameOf('upstream', target.upstream) === upstream.name),
    ),
  );
  const balanced = new Set(upstreams.map(({ name }) => name));
  const services = new Map(
    file.services.map((service) => [serviceName(service), serviceOf(service, balanced)]),
  );
  const routes = routesIn(file).map(({ route, name, service }) =>
    routeOf(route, name, service && services.get(references.nameOf('service', service) ?? '')),
  );
  return {
    services: [...services.values()],
    routes,
    upstreams,
    plugins: pluginsOf(file, kinds, references, written),
    consumers: file.consumers.map((consumer) => consumerOf(consumer, file, references)),
  };
}

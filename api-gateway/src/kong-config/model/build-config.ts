import type { DeclarativeConfig } from './entities.ts';
import { buildConsumer } from './build-consumer.ts';
import { buildPlugins } from './build-plugin.ts';
import { buildRoute } from './build-route.ts';
import { buildService } from './build-service.ts';
import { buildUpstream } from './build-upstream.ts';
import type { KongDocument } from '../schema/document.ts';
import type { PartialDocument } from '../partial-schema.ts';
import type { PluginDefinitions } from '../plugin-configs.ts';
import { createReferenceIndex } from '../references.ts';
import { allRoutes, serviceName } from '../config-traversal.ts';

/**
 * Builds the entities of a valid file.
 * @param written the same file before vault references are resolved.
 */
export function buildConfig(
  file: KongDocument,
  kinds: PluginDefinitions,
  written: PartialDocument,
): DeclarativeConfig {
  const references = createReferenceIndex(file);
  const upstreams = file.upstreams.map((upstream) =>
    buildUpstream(
      upstream,
      file.targets.filter((target) => references.resolveName('upstream', target.upstream) === upstream.name),
    ),
  );
  const upstreamNames = new Set(upstreams.map(({ name }) => name));
  const services = new Map(
    file.services.map((service) => [serviceName(service), buildService(service, upstreamNames)]),
  );
  const routes = allRoutes(file).map(({ route, name, service }) =>
    buildRoute(route, name, service && services.get(references.resolveName('service', service) ?? '')),
  );
  return {
    services: [...services.values()],
    routes,
    upstreams,
    plugins: buildPlugins(file, kinds, references, written),
    consumers: file.consumers.map((consumer) => buildConsumer(consumer, file, references)),
  };
}

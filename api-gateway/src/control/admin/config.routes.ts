import { Router } from 'express';
import { stringify } from 'yaml';
import { configHash } from '../../kong-config/load-config-file.ts';
import type { ConfigManager } from '../config-manager.ts';
import { parseConfigRequest, configBodyParser } from './config-request.ts';
import { respondWith, ok, errorResponse, type AdminResponse } from './responses.ts';
import { mountResource } from './mount-resource.ts';
import {
  serializeConsumer,
  serializePlugin,
  serializeRoute,
  serializeService,
  serializeUpstream,
  type SerializerContext,
} from './serializers.ts';

/** Reads the active file (secrets are references), and replaces it by another as a whole or not at all. */
export function configRouter(configManager: ConfigManager, context: () => SerializerContext): Router {
  const router = Router();
  const show = respondWith(() => ok({ config: stringify(configManager.current().document) }));
  const upload = respondWith(async (request) => {
    const text = parseConfigRequest(request);
    if (text === undefined)
      return errorResponse(400, { message: "expected a declarative configuration, or 'config' with one" });
    if (request.query['check_hash'] === '1' && configHash(text) === configManager.current().hash)
      return { status: 304 };
    const { shared, mistakes } = await configManager.upload(text);
    if (mistakes !== undefined) return invalidConfig(mistakes);
    return { status: 201, body: { ...serializeActiveConfig(configManager, context()), shared } };
  });
  router.post('/config', configBodyParser);
  mountResource(router, { path: '/config', methods: { get: show, post: upload } });
  return router;
}

function serializeActiveConfig(configManager: ConfigManager, context: SerializerContext) {
  const { config, hash } = configManager.current();
  const { services, routes, consumers, plugins } = config;
  return {
    services: services.map((service) => serializeService(service, context)),
    routes: routes.map((route) => serializeRoute(route, context)),
    upstreams: configManager.upstreams().map((upstream) => serializeUpstream(upstream, context)),
    plugins: plugins.map((entry) => serializePlugin(entry, config, context)),
    consumers: consumers.map((consumer) => serializeConsumer(consumer, context)),
    configuration_hash: hash,
  };
}

/** Kong's error code for an invalid declarative configuration is 14. */
function invalidConfig(mistakes: readonly string[]): AdminResponse {
  const places = Map.groupBy(mistakes, (mistake) => mistake.split(': ', 1)[0] ?? mistake);
  const fields = Object.fromEntries(
    [...places].map(([place, all]) => [place, all.map((mistake) => mistake.slice(place.length + 2))]),
  );
  const message = `declarative config is invalid: ${mistakes.join('; ')}`;
  return errorResponse(400, { message, name: 'invalid declarative configuration', code: 14, fields });
}

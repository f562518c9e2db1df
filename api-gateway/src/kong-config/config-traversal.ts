import type { Reference } from './schema/common.ts';

/** A position in a file. */
export type ConfigPath = readonly (string | number)[];

/** `services[0].routes[1].paths`. */
export function formatPath(path: readonly PropertyKey[]): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return place.replace(/^\./, '') || 'the file';
}

interface HasService {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly host?: string | undefined;
}

interface HasRoute {
  readonly name?: string | undefined;
  readonly service?: Reference | undefined;
}

interface HasPlugin {
  readonly service?: Reference | undefined;
  readonly route?: Reference | undefined;
  readonly consumer?: Reference | undefined;
}

/** The entities of a file that contain others. */
interface EntityTree<Service, Route, Plugin, Consumer> {
  readonly services: readonly (Service & {
    readonly routes: readonly (Omit<Route, 'service'> & { readonly plugins: readonly Plugin[] })[];
    readonly plugins: readonly Plugin[];
  })[];
  readonly routes: readonly (Route & { readonly plugins: readonly Plugin[] })[];
  readonly plugins: readonly Plugin[];
  readonly consumers: readonly (Consumer & { readonly plugins: readonly Plugin[] })[];
}

/** The name of a service, or else its host. */
export const serviceName = ({ name, url, host }: HasService): string =>
  name ?? host ?? URL.parse(url ?? '')?.hostname ?? '';

/** The username of a consumer, or else its custom_id. */
export const consumerName = (consumer: { username?: string | undefined; custom_id?: string | undefined }) =>
  consumer.username ?? consumer.custom_id ?? '';

/** All routes, nested ones first, as in Kong. An unnamed route is named after its service. */
export function allRoutes<Service extends HasService, Route extends HasRoute, Plugin, Consumer>(
  file: EntityTree<Service, Route, Plugin, Consumer>,
) {
  const nested = file.services.flatMap((service, at) => {
    const owner = serviceName(service);
    return service.routes.map((route, index) => ({
      place: ['services', at, 'routes', index] satisfies ConfigPath,
      route,
      name: route.name ?? `${owner}.${index}`,
      service: { name: owner } satisfies Reference as Reference | undefined,
    }));
  });
  const topLevel = file.routes.map((route, index) => ({
    place: ['routes', index] satisfies ConfigPath,
    route,
    name: route.name ?? `routes.${index}`,
    service: route.service,
  }));
  return [...nested, ...topLevel];
}

/** The scope of a plugin entry: the entity that contains it, and those that it names. */
interface ParentScope {
  readonly service?: Reference | undefined;
  readonly route?: Reference | undefined;
  readonly consumer?: Reference | undefined;
}

/** All plugin entries, nested and top-level ones. */
export function allPlugins<
  Service extends HasService,
  Route extends HasRoute,
  Plugin extends HasPlugin,
  Consumer extends { readonly username?: string | undefined; readonly custom_id?: string | undefined },
>(file: EntityTree<Service, Route, Plugin, Consumer>) {
  const at = (configPath: ConfigPath, plugins: readonly Plugin[], within: ParentScope = {}) =>
    plugins.map((plugin, index) => ({
      place: [...configPath, 'plugins', index],
      plugin,
      scope: {
        service: within.service ?? plugin.service,
        route: within.route ?? plugin.route,
        consumer: within.consumer ?? plugin.consumer,
      },
    }));
  return [
    ...at([], file.plugins),
    ...file.services.flatMap((service, index) =>
      at(['services', index], service.plugins, { service: { name: serviceName(service) } }),
    ),
    ...allRoutes(file).flatMap(({ place, route, name }) => at(place, route.plugins, { route: { name } })),
    ...file.consumers.flatMap((consumer, index) =>
      at(['consumers', index], consumer.plugins, { consumer: { name: consumerName(consumer) } }),
    ),
  ];
}
